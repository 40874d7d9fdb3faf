import { defineCommand } from '../command.ts'
import type { Context } from '../command.ts'
import { chooseAddresses, environmentOf, partPath, RUNNER_OPTIONS, SERVER_OPTIONS } from '../platform.ts'
import { restBase } from '../runner-address.ts'
import { startInstallation } from '../up.ts'
import type { Standing } from '../up.ts'
import { plain } from '../text.ts'

// Longer than the programs give themselves, a runner that drains above all.
const STOP_DEADLINE_MS = 45_000

export const command = defineCommand({
  arguments: [],
  options: { ...SERVER_OPTIONS, ...RUNNER_OPTIONS },
  about: 'Starts a server and a runner and keeps them running: what dies is started again. Ctrl-C ends both.',
  examples: ['stead up', 'stead up --home /var/lib/stead --port 8000'],
  async run({ options }, context) {
    const paths = { serverPath: partPath('server'), runnerPath: partPath('runner') }
    const env = environmentOf(options)
    const addresses = await chooseAddresses({ ...context.terminal.env, ...env })
    const { createSupervisor } = await import('@stead/chassis')
    const supervisor = () =>
      createSupervisor({ log: sayTo(context), stopDeadlineMs: STOP_DEADLINE_MS, output: outputTo(context) })
    const supervisors = { server: supervisor(), runner: supervisor() }
    try {
      const standing = startInstallation({ ...paths, addresses, env }, supervisors)
      await Promise.race([standing.then((up) => tell(up, context)), aborted(context.terminal.signal)])
      await aborted(context.terminal.signal)
    } finally {
      // The runner first: it has requests to finish and tells the server what it did.
      await supervisors.runner.stop()
      await supervisors.server.stop()
    }
  },
})

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    // An AbortSignal alone holds no process open; the supervised children do.
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function tell({ server, runner }: Standing, context: Context): void {
  if (context.json)
    return context.document({ server, runner: { name: runner.name, rest: runner.rest, grpc: runner.grpc } })
  context.print(`Stead is up.`, `  server  ${server}`, `  REST    ${restBase(runner.rest)}`, `  gRPC    ${runner.grpc}`)
}

/** stdout keeps the one document a machine waits for. */
function outputTo({ json, terminal }: Context) {
  return (line: string, stream: 'stdout' | 'stderr') => {
    const screen = terminal[json ? 'stderr' : stream]
    screen.write(`${screen.isTTY ? forPeople(line) : line}\n`)
  }
}

function sayTo({ note }: Context) {
  const say = (first: object | string, message?: string) =>
    note(`stead | ${typeof first === 'string' ? first : message}`)
  return { info: () => {}, warn: say, error: say }
}

/** The programs log JSON to the pipe we are to them; on a terminal only its sentence is of use. */
function forPeople(line: string): string {
  const [, name, json] = /^(\w+ \| )(\{.*\})$/.exec(line) ?? []
  try {
    const { level, msg } = JSON.parse(json ?? '') as { level?: unknown; msg?: unknown }
    return typeof msg === 'string' ? `${name}${level === 'info' ? '' : `${String(level)}: `}${plain(msg)}` : line
  } catch {
    return line
  }
}
