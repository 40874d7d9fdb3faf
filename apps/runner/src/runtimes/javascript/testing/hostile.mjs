// Tries every way out it knows, and answers for each what came of it.
import { createRequire } from 'node:module'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import * as moduleApi from 'node:module'

const require = createRequire(import.meta.url)
const MODULES = [
  'net',
  'http',
  'https',
  'http2',
  'dgram',
  'dns',
  'dns/promises',
  'tls',
  'inspector',
  'worker_threads',
  'cluster',
  'child_process',
  'repl',
  'sqlite',
  'wasi',
  'diagnostics_channel',
  'async_hooks',
  '_http_client',
  '_tls_wrap',
]

async function attempt(act) {
  try {
    const got = await act()
    return got === undefined ? 'gone' : `got ${typeof got}`
  } catch (error) {
    return error.code ?? error.name
  }
}

const attempts = {
  ...Object.fromEntries(MODULES.map((name) => [`import node:${name}`, () => import(`node:${name}`)])),
  ...Object.fromEntries(MODULES.map((name) => [`require ${name}`, () => require(name)])),
  'require node:net': () => require('node:net'),
  'Module._load': () => require('module')._load('net'),
  'own hooks': () => {
    moduleApi.registerHooks({ resolve: () => ({ url: 'node:net', shortCircuit: true }) })
    return import('anything')
  },
  'require own hooks': () => require('module').registerHooks({}),
  'data module': () => import('data:text/javascript,export * from "node:net"'),
  getBuiltinModule: () => process.getBuiltinModule('net'),
  binding: () => process.binding('tcp_wrap'),
  linkedBinding: () => process._linkedBinding('tcp_wrap'),
  dlopen: () => process.dlopen({ exports: {} }, '/lib/x.node'),
  kill: () => process.kill(process.ppid, 0),
  handles: () => process._getActiveHandles(),
  'socket of stdout': () => new process.stdout.constructor().connect(80, '127.0.0.1'),
  'inherited socket': () => Object.getPrototypeOf(process.stdout).connect.call(process.stdout, 80),
  'read elsewhere': () => readFileSync('/etc/passwd'),
  'read environment': () => readFileSync('/proc/self/environ'),
  'read parent': () => readFileSync(new URL('../canary.txt', import.meta.url)),
  'write here': () => writeFileSync(new URL('./written.txt', import.meta.url), 'x'),
  'append here': () => appendFileSync(new URL('./index.mjs', import.meta.url), 'x'),
  'import elsewhere': () => import('/etc/hostname'),
  report: () => process.report,
  fetch: () => globalThis.fetch,
  WebSocket: () => globalThis.WebSocket,
  EventSource: () => globalThis.EventSource,
  secret: () => Object.keys(process.env).find((name) => /STEAD|SECRET|TOKEN/.test(name)),
}

const out = { datatype: 'BYTES', shape: [-1] }
export const signature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }],
  outputs: [
    { name: 'names', ...out },
    { name: 'results', ...out },
  ],
}

export function load() {
  return async () => {
    const results = []
    for (const act of Object.values(attempts)) results.push(await attempt(act))
    return { names: { data: Object.keys(attempts) }, results: { data: results } }
  }
}
