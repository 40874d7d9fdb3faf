import { createLog, createShutdown, EnvironmentError, HomeInUseError, reportReady, whenOrphaned } from '@stead/chassis'
import { decideConfig } from './config.ts'
import { readRunnerEnvironment, telemetryVariables } from './env.ts'
import { startRunner } from './runner.ts'

/** `stead runner`: the data plane as a process of its own. */
async function main(): Promise<void> {
  const { values, warnings } = readRunnerEnvironment(process.env)
  const log = createLog({ name: 'runner', level: values.STEAD_LOG })
  for (const warning of warnings) log.warn({ ...warning }, 'an environment variable is not known')
  const config = decideConfig(values, telemetryVariables(process.env))
  const shutdown = createShutdown({ log, deadlineMs: config.drainMs + 10_000 })
  whenOrphaned(() => void shutdown.begin('orphaned'))
  const runner = await startRunner(config, log)
  shutdown.on('runner', () => runner.stop())
  log.info(
    { rest: runner.rest, grpc: runner.grpc, home: config.home },
    `runner ${config.name} answers at ${runner.rest} and gRPC ${runner.grpc}`,
  )
  reportReady()
}

main().catch((error: unknown) => {
  const log = createLog({ name: 'runner' })
  if (error instanceof EnvironmentError)
    for (const problem of error.problems) log.fatal({ ...problem }, 'the environment cannot be used')
  else if (error instanceof HomeInUseError) log.fatal(error.message)
  else log.fatal({ err: error }, error instanceof Error ? error.message : 'the runner could not start')
  process.exit(1)
})
