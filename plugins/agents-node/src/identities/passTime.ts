const now = performance.now.bind(performance);
let passedMs = 0;

/**
 * For tests: what plugins in this process remember of agents and rules is older by so much, and nobody has to wait.
 * Timers, and the time of day, go on as they do.
 */
export function passTime(ms: number): void {
  passedMs += ms;
  jest.spyOn(performance, 'now').mockImplementation(() => now() + passedMs);
}
