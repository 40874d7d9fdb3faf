import { defineCommand } from '../command.ts'
import { table } from '../text.ts'

export const command = defineCommand({
  arguments: [],
  options: {},
  about: 'As this version of stead knows it; the server is not asked.',
  examples: ['stead access roles'],
  async run(_invocation, context) {
    const { ACTS, ROLES, ROLE_SAYS } = (await context.connect()).contracts
    if (context.json) return context.document({ roles: ROLE_SAYS, acts: ACTS })
    const acts = Object.entries(ACTS)
    const ofProject = acts.flatMap(([act, rule]) =>
      'roles' in rule
        ? [[act, ...ROLES.map((role) => ((rule.roles as readonly string[]).includes(role) ? 'yes' : ''))]]
        : [],
    )
    const beyond = acts.flatMap(([act, rule]) => ('circle' in rule ? [[act, rule.circle]] : []))
    context.print(
      ...table(['ROLE', ''], Object.entries(ROLE_SAYS), context.paint),
      '',
      ...table(['IN A PROJECT', ...ROLES], ofProject, context.paint),
      '',
      ...table(['IN THE INSTALLATION', 'FOR'], beyond, context.paint),
    )
  },
})
