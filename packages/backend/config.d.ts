export interface Config {
  backend?: {
    /**
     * Host names that the portal answers to, besides those of `app.baseUrl`, `backend.baseUrl` and
     * `backend.listen.host`, localhost and IP addresses. `*.svc.cluster.local` stands for all below.
     */
    allowedHosts?: string[];
  };
}
