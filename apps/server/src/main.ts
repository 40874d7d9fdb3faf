import { createLog, createShutdown, reportReady, startTelemetry, whenOrphaned, type Shutdown } from '@stead/chassis'
import { askPassword } from './ask-password.ts'
import { configFrom, type ServerConfig } from './config.ts'
import { findTemplate } from './database/template.ts'
import { readServerEnvironment, type ServerEnvironment } from './env.ts'
import { makeEphemeralHome } from './ephemeral-home.ts'
import { addOwner, startServer } from './start.ts'

const DEADLINE_MS = 15_000
const CREATE_OWNER = '--create-owner'
const EPHEMERAL = '--ephemeral'

let removeHome = async (): Promise<void> => {}
const [flag, name = ''] = process.argv.slice(2)
const creates = flag === CREATE_OWNER
const { config, values } = readConfig()
const log = createLog({ name: 'server', level: creates ? 'warn' : config.logLevel })
for (const warning of config.warnings) log.warn(warning)
if (creates) await createOwner()
else await serve()

async function serve(): Promise<void> {
  const shutdown = createShutdown({ log, deadlineMs: DEADLINE_MS })
  const abandon = async (reason: string) => {
    log.fatal({ reason }, 'this server must stop')
    shutdown.on('abandoned', () => {
      throw new Error(reason)
    })
    await shutdown.begin(reason)
  }
  // From the beginning on: who goes while this starts is not noticed later.
  whenOrphaned(() => void shutdown.begin('nobody supervises this process any more'))
  try {
    if (flag !== undefined && flag !== EPHEMERAL)
      throw new Error(`There is no ${flag} here, only ${CREATE_OWNER} NAME and ${EPHEMERAL}.`)
    const chosen = flag === EPHEMERAL ? await ephemeral(shutdown) : config
    const telemetry = await startTelemetry({ serviceName: 'stead-server', env: process.env, log })
    shutdown.on('telemetry', () => telemetry.stop())
    const server = await startServer(chosen, { log, telemetry, onLost: (reason) => void abandon(reason) })
    shutdown.on('server', () => server.close())
    process.stdout.write(`Stead is at ${server.url}\n`)
    tellStarter({ ready: true, url: server.url })
    reportReady()
  } catch (error) {
    await removeHome()
    refuse(error)
  }
}

/** Whoever started us may be gone by now; that is noticed elsewhere. */
function tellStarter(message: object): void {
  process.send?.(message, undefined, undefined, () => {})
}

/** The same server with a home, and a database in it, that go when it ends. */
async function ephemeral(shutdown: Shutdown): Promise<ServerConfig> {
  if (config.database.kind !== 'embedded')
    throw new Error(`${EPHEMERAL} makes a database of its own, but STEAD_DATABASE_URL names one.`)
  const home = await makeEphemeralHome()
  removeHome = home.remove
  // Whoever started us removes it if we are killed.
  tellStarter({ home: home.path })
  shutdown.on('home', home.remove)
  const { artifacts } = config
  const own = artifacts.kind === 'files' && artifacts.directory === config.home
  return {
    ...config,
    home: home.path,
    database: { kind: 'embedded', template: await findTemplate(config.cache) },
    artifacts: own ? { kind: 'files', directory: home.path } : artifacts,
  }
}

async function createOwner(): Promise<void> {
  try {
    if (name === '') throw new Error(`${CREATE_OWNER} takes the name of the owner.`)
    const { stdin: input, stderr: output } = process
    const given = values.STEAD_OWNER_PASSWORD
    const owner = await addOwner(config, {
      name,
      log,
      readPassword: () => askPassword(name, { input, output, given }),
    })
    process.stdout.write(
      `${owner.name} owns this installation. From now on everybody has to say who they are.\n` +
        'Start it with: stead up. Then sign in at its address, and add people with: stead access people add NAME\n',
    )
    // An unread rest of standard input, and a channel to whoever started us, would hold the process open.
    process.exit(0)
  } catch (error) {
    refuse(error)
  }
}

function readConfig(): { config: ServerConfig; values: ServerEnvironment['values'] } {
  try {
    const environment = readServerEnvironment(process.env)
    return { config: configFrom(environment), values: environment.values }
  } catch (error) {
    return refuse(error)
  }
}

/** With what caused it, for a person to mend; nothing of this is worth a stack. */
function refuse(error: unknown): never {
  const reasons: string[] = []
  for (let reason = error; reason instanceof Error; reason = reason.cause) reasons.push(reason.message)
  const what = creates ? 'No owner was made' : 'Stead cannot start'
  process.stderr.write(`${what}: ${reasons.join('\n  because: ') || String(error)}\n`)
  process.exit(1)
}
