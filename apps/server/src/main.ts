import { createLog, createShutdown, reportReady, startTelemetry, whenOrphaned } from '@stead/chassis'
import { configFrom, type ServerConfig } from './config.ts'
import { readServerEnvironment } from './env.ts'
import { startServer } from './start.ts'

const DEADLINE_MS = 15_000

const config = readConfig()
const log = createLog({ name: 'server', level: config.logLevel })
for (const warning of config.warnings) log.warn(warning)
const shutdown = createShutdown({ log, deadlineMs: DEADLINE_MS })
try {
  const telemetry = await startTelemetry({ serviceName: 'stead-server', env: process.env, log })
  shutdown.on('telemetry', () => telemetry.stop())
  const server = await startServer(config, { log, telemetry, onLost: (reason) => void abandon(reason) })
  shutdown.on('server', () => server.close())
  process.stdout.write(`Stead is at ${server.url}\n`)
  process.send?.({ ready: true, url: server.url })
  reportReady()
  whenOrphaned(() => void shutdown.begin('nobody supervises this process any more'))
} catch (error) {
  refuse(error)
}

function readConfig(): ServerConfig {
  try {
    return configFrom(readServerEnvironment(process.env))
  } catch (error) {
    return refuse(error)
  }
}

async function abandon(reason: string): Promise<void> {
  log.fatal({ reason }, 'this server must stop')
  shutdown.on('abandoned', () => {
    throw new Error(reason)
  })
  await shutdown.begin(reason)
}

/** With what caused it, for a person to mend; nothing of this is worth a stack. */
function refuse(error: unknown): never {
  const reasons: string[] = []
  for (let reason = error; reason instanceof Error; reason = reason.cause) reasons.push(reason.message)
  process.stderr.write(`Stead cannot start: ${reasons.join('\n  because: ') || String(error)}\n`)
  process.exit(1)
}
