// The part of better-sqlite3 that the example servers use; the package itself
// carries no types.
declare module 'better-sqlite3' {
  namespace Database {
    type Value = string | number | bigint | Buffer | null;

    interface Statement {
      run(...parameters: Array<Value | Record<string, Value>>): {
        changes: number;
        lastInsertRowid: number | bigint;
      };
      get(...parameters: Array<Value | Record<string, Value>>): unknown;
      all(...parameters: Array<Value | Record<string, Value>>): unknown[];
    }

    interface Database {
      prepare(sql: string): Statement;
      exec(sql: string): this;
      pragma(source: string, options?: { simple?: boolean }): unknown;
      transaction<TArguments extends unknown[], TResult>(
        work: (...args: TArguments) => TResult,
      ): (...args: TArguments) => TResult;
      close(): this;
    }
  }

  interface DatabaseConstructor {
    new (path: string): Database.Database;
  }

  const Database: DatabaseConstructor;
  export = Database;
}
