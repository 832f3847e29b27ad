const { createRequire, Module } = require('node:module');
const path = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { compileFunction } = require('node:vm');
const { LEFT_OUT } = require('./resolver.cjs');

/**
 * Jest loads everything anew for each suite, of a backend 2,900 files that V8 compiles and warms up again. Here
 * suites of Node packages share what comes from `node_modules`, as plugins of one portal do: a worker loads it once.
 * Our own modules are still each suite's own. For that, suites run in the realm of Node instead of a `vm` context
 * (an `Error` of a library is an `Error` in a test), and what they leave in it is put back when they have ended.
 */
const jestRequire = createRequire(require.resolve('jest'));
const coreRequire = createRequire(jestRequire.resolve('@jest/core'));
const runtimeRequire = createRequire(coreRequire.resolve('jest-runtime'));
const { default: JestRuntime } = coreRequire('jest-runtime');
const { ModuleMocker } = runtimeRequire('jest-mock');
const { ModernFakeTimers } = runtimeRequire('@jest/fake-timers');

/** What registers hooks with, or makes mocks by, the Jest of the suite that loads it. */
const OF_A_SUITE =
  /[\\/]node_modules[\\/](?:@backstage[\\/]backend-test-utils|@jest|jest|jest-[^\\/]+)[\\/]|[\\/]testUtils\b/;

const isShared = file =>
  file.includes(`${path.sep}node_modules${path.sep}`) && !OF_A_SUITE.test(file);

// Shared modules are loaded by Node, which does not ask Jest's resolver.
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function resolve(request, ...rest) {
  return LEFT_OUT.test(request)
    ? require.resolve('./leftOut.cjs')
    : resolveFilename.call(this, request, ...rest);
};

/** What suites may change of the realm. */
const remember = () => ({
  globals: new Map(
    Reflect.ownKeys(globalThis).map(key => [
      key,
      Object.getOwnPropertyDescriptor(globalThis, key),
    ]),
  ),
  listeners: new Map(
    process.eventNames().map(name => [name, process.rawListeners(name)]),
  ),
  env: { ...process.env },
  exit: process.exit,
  prepareStackTrace: Error.prepareStackTrace,
});

function restore({ globals, listeners, env, exit, prepareStackTrace }) {
  for (const key of Reflect.ownKeys(globalThis)) {
    const was = globals.get(key);
    const is = Object.getOwnPropertyDescriptor(globalThis, key);
    if (!was) {
      Reflect.deleteProperty(globalThis, key);
    } else if (is.value !== was.value || is.get !== was.get) {
      Reflect.defineProperty(globalThis, key, was);
    }
  }
  for (const name of process.eventNames()) {
    const were = listeners.get(name) ?? [];
    for (const listener of process.rawListeners(name)) {
      if (!were.includes(listener)) process.off(name, listener);
    }
  }
  for (const name of Object.keys(process.env)) {
    if (!(name in env)) delete process.env[name];
  }
  for (const [name, value] of Object.entries(env)) {
    if (process.env[name] !== value) process.env[name] = value;
  }
  process.exit = exit;
  Error.prepareStackTrace = prepareStackTrace;
}

/** Loads a shared module; what it adds to the realm when it is loaded belongs there from now on. */
function load(file, realm) {
  if (require.cache[file]) {
    return require(file);
  }
  const before = remember();
  const exports = require(file);
  const after = remember();
  for (const [key, descriptor] of after.globals) {
    if (!before.globals.has(key)) realm.globals.set(key, descriptor);
  }
  for (const [name, listeners] of after.listeners) {
    const were = before.listeners.get(name) ?? [];
    realm.listeners.set(name, [
      ...(realm.listeners.get(name) ?? []),
      ...listeners.filter(listener => !were.includes(listener)),
    ]);
  }
  return exports;
}

module.exports = class SharingRuntime extends JestRuntime {
  #realm;

  constructor(config, environment, ...rest) {
    const realm = remember();
    const { console } = environment.global;
    environment.global = globalThis;
    environment.global.console = console;
    environment.moduleMocker = new ModuleMocker(globalThis);
    environment.fakeTimers = null;
    environment.fakeTimersModern = new ModernFakeTimers({
      config,
      global: globalThis,
    });
    super(config, environment, ...rest);
    this.#realm = realm;
  }

  requireModule(from, moduleName, options, isRequireActual) {
    if (
      moduleName &&
      !options?.isInternalModule &&
      !this._resolver.isCoreModule(moduleName)
    ) {
      const file = this._resolveCjsModule(from, moduleName);
      if (isShared(file)) {
        return load(file, this.#realm);
      }
    }
    return super.requireModule(from, moduleName, options, isRequireActual);
  }

  createScriptFromCode(code, filename) {
    return compileFunction(code, this.constructInjectedModuleParameters(), {
      filename,
      importModuleDynamically: specifier => this.#import(filename, specifier),
    });
  }

  async #import(from, specifier) {
    if (this._resolver.isCoreModule(specifier)) {
      return import(specifier);
    }
    const file = await this._resolveModule(
      from,
      specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier,
    );
    return isShared(file) || this.unstable_shouldLoadAsEsm(file)
      ? import(pathToFileURL(file).href)
      : this.loadCjsAsEsm(from, file);
  }

  teardown() {
    super.teardown();
    restore(this.#realm);
  }
};
