import { defineCommand } from '../command.ts'
import { table } from '../text.ts'

export const command = defineCommand({
  arguments: [],
  options: {},
  examples: ['stead access whoami'],
  async run(_invocation, context) {
    const platform = await context.connect()
    const session = await platform.call(platform.contracts.readSession, {})
    if (context.json) return context.document(session)
    const { state, actor, profile, projects } = session
    if (state === 'signed out')
      return context.print('nobody: this installation asks for credentials; put an API token into STEAD_TOKEN')
    if (state === 'open')
      return context.print(
        `${actor ?? 'local'}: nobody is configured here, and whoever is on this machine may do everything`,
      )
    const owns = profile?.isInstallationOwner ? ', owner of the installation' : ''
    const called = profile === null || profile.displayName === profile.name ? '' : ` (${profile.displayName})`
    context.print(`${actor ?? 'somebody'}${called}${owns}`)
    const rows = Object.entries(projects).map(([name, { roles, denies }]) => [name, roles.join(' '), denies.join(' ')])
    if (rows.length > 0) context.print(...table(['PROJECT', 'ROLES', 'DENIED'], rows, context.paint))
  },
})
