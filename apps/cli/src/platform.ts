import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Options, OptionSpecs } from './command.ts'
import { Failure } from './failures.ts'

/** The programs that make up the platform, as this repository has them. */
export type Part = 'server' | 'runner'

export function partPath(part: Part): string {
  const path = fileURLToPath(new URL(`../../${part}/src/main.ts`, import.meta.url))
  if (existsSync(path)) return path
  throw new Failure(
    'the platform itself is not part of this package; it holds the command line alone',
    'Run it from a checkout of Stead, and name it here with --url or STEAD_URL.',
  )
}

const PORT = { whole: true, min: 0, max: 65_535 } as const

export const SERVER_OPTIONS = {
  port: { takes: 'PORT', number: PORT, says: 'The port of the control plane; 7070 otherwise, 0 for a free one.' },
  host: { takes: 'HOST', says: 'The address to listen on; 127.0.0.1 otherwise.' },
  home: { takes: 'FOLDER', says: 'Where everything is kept; .stead otherwise.' },
} as const satisfies OptionSpecs

export const ARTIFACTS_OPTION = {
  artifacts: {
    takes: 'URI',
    says: 'Where artifacts are kept: a folder, or s3://bucket/prefix; in the home otherwise.',
  },
} as const satisfies OptionSpecs

export const RUNNER_OPTIONS = {
  'runner-port': {
    takes: 'PORT',
    number: PORT,
    says: 'The REST port of the runner; 7080 otherwise, 0 for a free one.',
  },
  'grpc-port': { takes: 'PORT', number: PORT, says: 'The gRPC port of the runner; 7081 otherwise, 0 for a free one.' },
  host: SERVER_OPTIONS.host,
  home: SERVER_OPTIONS.home,
} as const satisfies OptionSpecs

const VARIABLES: Readonly<Record<string, string>> = {
  port: 'STEAD_PORT',
  host: 'STEAD_HOST',
  home: 'STEAD_HOME',
  artifacts: 'STEAD_ARTIFACTS',
  'runner-port': 'STEAD_RUNNER_PORT',
  'grpc-port': 'STEAD_GRPC_PORT',
}

/** The flags as the environment that both programs read. */
export function environmentOf(
  options: Partial<Options<typeof SERVER_OPTIONS & typeof RUNNER_OPTIONS & typeof ARTIFACTS_OPTION>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) =>
      value === undefined || !VARIABLES[name] ? [] : [[VARIABLES[name], String(value)]],
    ),
  )
}

export interface Addresses {
  readonly host: string
  readonly port: number
  readonly runnerPort: number
  readonly grpcPort: number
  /** The server speaks HTTPS. */
  readonly tls: boolean
}

/** Decides every port before anything starts: a server that is started again must come back at the address its
 *  runner knows, and a port that is taken should be named at once. */
export async function chooseAddresses(env: Readonly<Record<string, string | undefined>>): Promise<Addresses> {
  const host = env.STEAD_HOST || '127.0.0.1'
  const held: Server[] = []
  const claim = async (variable: string, otherwise: number, flag: string) => {
    const wanted = portOf(variable, env[variable], otherwise)
    const server = await holdPort(host, wanted, flag)
    held.push(server)
    return (server.address() as { port: number }).port
  }
  try {
    return {
      host,
      port: await claim('STEAD_PORT', 7070, 'port'),
      runnerPort: await claim('STEAD_RUNNER_PORT', 7080, 'runner-port'),
      grpcPort: await claim('STEAD_GRPC_PORT', 7081, 'grpc-port'),
      tls: Boolean(env.STEAD_TLS_CERT),
    }
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

function portOf(variable: string, text: string | undefined, otherwise: number): number {
  if (!text) return otherwise
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new Failure(`${variable} is "${text}"; expected a port number from 0 to 65535`)
}

function holdPort(host: string, port: number, flag: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE'
      const message = taken
        ? `port ${port} on ${host} is taken`
        : `cannot listen on ${host}, port ${port}: ${cause.message}`
      reject(
        new Failure(message, taken ? `Stop what listens there, or choose another with --${flag}.` : undefined, cause),
      )
    })
    server.listen(port, host, () => resolve(server))
  })
}

/** Where a program of this machine reaches another that listens on `host`. */
export function localUrl(host: string, port: number, tls = false): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
  return `${tls ? 'https' : 'http'}://${reachable}:${port}`
}
