import type { Deployment, InstallationStatus } from '@stead/contracts'
import { routesText } from '../change.ts'
import { defineCommand } from '../command.ts'
import type { Context } from '../command.ts'
import { restBase } from '../runner-address.ts'
import { age, plain, size, table } from '../text.ts'

export const command = defineCommand({
  arguments: ['deployment?'],
  options: {},
  examples: ['stead status', 'stead status forecast', 'stead status --json'],
  async run({ arguments: { deployment } }, context) {
    const platform = await context.connect()
    const { contracts } = platform
    const whole = await platform.call(contracts.installationStatus, {})
    const deployments = whole.deployments.filter(({ name }) => deployment === undefined || name === deployment)
    // Its refusal says what is wrong better than an empty list.
    if (deployment !== undefined && deployments.length === 0)
      deployments.push(await platform.call(contracts.getDeployment, { params: { deployment } }))
    const shown = { ...whole, deployments }
    if (context.json)
      return context.document({
        ...shown,
        deployments: deployments.map((one) => ({ ...one, routes: one.table.routes })),
      })
    if (deployment === undefined) tellInstallation(shown, context)
    tellDeployments(deployments, context)
  },
})

function tellInstallation({ version, database, artifacts, runners }: InstallationStatus, context: Context): void {
  context.print(`Stead ${plain(version)}, database ${database}, artifacts ${plain(artifacts)}`, '')
  if (runners.length === 0) return context.print('no runner is connected; start one with: stead runner', '')
  const rows = runners.map((runner) => [
    runner.name,
    runner.connected ? 'connected' : 'gone',
    restBase(runner.rest),
    runner.grpc,
    `${runner.pid}`,
    bytes(runner.memory),
    age(runner.seenAt, Date.now()),
  ])
  context.print(...table(['RUNNER', 'STATE', 'REST', 'GRPC', 'PID', 'MEMORY', 'SEEN'], rows, context.paint), '')
}

function tellDeployments(deployments: readonly Deployment[], context: Context): void {
  if (deployments.length === 0)
    return context.print('there is no deployment; make one with: stead deploy NAME --model MODEL')
  const rows = deployments.map(({ name, project, table: { generation, model, parked, routes, shadows } }) => [
    name,
    project,
    model,
    routesText({ routes, shadows }),
    `${generation}`,
    parked === null ? '' : `parked until ${parked}`,
  ])
  context.print(...table(['DEPLOYMENT', 'PROJECT', 'MODEL', 'SERVES', 'GENERATION', ''], rows, context.paint))
  const engines = deployments.flatMap((deployment) => deployment.engines)
  if (engines.length > 0) {
    const engineRows = engines.map((engine) => [
      engine.deployment,
      `${engine.version}`,
      engine.state,
      engine.runner,
      `${engine.hostPid ?? '-'}`,
      bytes(engine.memory),
      `${engine.restarts}`,
      age(engine.since, Date.now()),
      engine.reason ?? '',
    ])
    context.print(
      '',
      ...table(
        ['ENGINE OF', 'VERSION', 'STATE', 'RUNNER', 'HOST', 'MEMORY', 'RESTARTS', 'SINCE', 'REASON'],
        engineRows,
        context.paint,
      ),
    )
  }
  for (const { name, lastFailure } of deployments) {
    if (!lastFailure) continue
    const version = lastFailure.version === null ? '' : ` to version ${lastFailure.version}`
    context.print(
      '',
      context.paint.yellow(
        `${name}: the last ${lastFailure.kind}${version} failed ${age(lastFailure.at, Date.now())}: ${plain(lastFailure.reason)}`,
      ),
    )
  }
}

const bytes = (amount: number | null) => (amount === null ? '-' : size(amount))
