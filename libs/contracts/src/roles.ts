/** Who may do what: one table of acts and roles. The server judges by it, the console says from it why a button is
 *  disabled, and docs/access.md is generated from it. An endpoint names its act here; one that is missing does not compile. */

export const ROLES = ['viewer', 'contributor', 'operator', 'reviewer', 'owner', 'auditor'] as const
export type Role = (typeof ROLES)[number]

export const ROLE_SAYS: Readonly<Record<Role, string>> = {
  viewer: 'sees what is in the project',
  contributor: 'brings models, versions, aliases and golden requests, and tries deployments',
  operator: 'changes what serves, and who may call it',
  reviewer: 'approves what is to serve',
  owner: 'does everything, and says who else may',
  auditor: 'sees everything, the audit log included, and changes nothing',
}

const SEES = ROLES
const TRIES = ['contributor', 'operator', 'reviewer', 'owner'] as const satisfies readonly Role[]
const CONTRIBUTES = ['contributor', 'operator', 'owner'] as const satisfies readonly Role[]
const OPERATES = ['operator', 'owner'] as const satisfies readonly Role[]
const OWNS = ['owner'] as const satisfies readonly Role[]
const AUDITS = ['owner', 'auditor'] as const satisfies readonly Role[]

/** Whom an act of the installation, beyond any project, is for. `anyone` asks for no credentials; `signed in` for those
 *  of any person or service account; `person` for a person's own. */
export type Circle = 'anyone' | 'signed in' | 'person' | 'installation owner' | 'runner'

export type ActRule = { readonly roles: readonly Role[] } | { readonly circle: Circle }

const project = (roles: readonly Role[]): ActRule => ({ roles })
const installation = (circle: Circle): ActRule => ({ circle })

export const ACTS = {
  'project.list': installation('signed in'),
  'project.create': installation('installation owner'),
  'project.get': project(SEES),
  'project.change': project(OWNS),
  'project.search': project(SEES),

  'artifact.get': project(SEES),
  'artifact.put': project(CONTRIBUTES),
  'experiment.list': project(SEES),
  'experiment.get': project(SEES),
  'experiment.create': project(CONTRIBUTES),
  'experiment.change': project(CONTRIBUTES),
  'experiment.delete': project(CONTRIBUTES),
  'run.search': project(SEES),
  'run.get': project(SEES),
  'run.create': project(CONTRIBUTES),
  'run.log': project(CONTRIBUTES),
  'run.change': project(CONTRIBUTES),
  'run.delete': project(CONTRIBUTES),
  'logged-model.search': project(SEES),
  'logged-model.get': project(SEES),
  'logged-model.create': project(CONTRIBUTES),
  'logged-model.change': project(CONTRIBUTES),
  'logged-model.delete': project(CONTRIBUTES),
  'trace.search': project(SEES),
  'trace.get': project(SEES),
  'trace.log': project(CONTRIBUTES),
  'trace.delete': project(CONTRIBUTES),
  'evaluation-set.search': project(SEES),
  'evaluation-set.get': project(SEES),
  'evaluation-set.create': project(CONTRIBUTES),
  'evaluation-set.change': project(CONTRIBUTES),
  'evaluation-set.delete': project(CONTRIBUTES),
  'webhook.list': project(SEES),
  'webhook.create': project(OWNS),
  'webhook.change': project(OWNS),
  'webhook.delete': project(OWNS),
  'project.collect': project(OWNS),
  'project.export': project(SEES),

  'model.list': project(SEES),
  'model.get': project(SEES),
  'model.create': project(CONTRIBUTES),
  'model.change': project(CONTRIBUTES),
  'model.delete': project(CONTRIBUTES),
  'version.list': project(SEES),
  'version.get': project(SEES),
  'version.create': project(CONTRIBUTES),
  'version.change': project(CONTRIBUTES),
  'version.delete': project(CONTRIBUTES),
  'alias.set': project(CONTRIBUTES),
  'alias.delete': project(CONTRIBUTES),

  'deployment.list': project(SEES),
  'deployment.get': project(SEES),
  'deployment.history': project(SEES),
  'deployment.figures': project(SEES),
  'deployment.predict': project(TRIES),
  'deployment.create': project(OPERATES),
  'deployment.delete': project(OPERATES),
  'deployment.swap': project(OPERATES),
  'deployment.rollback': project(OPERATES),
  'deployment.traffic': project(OPERATES),
  'deployment.park': project(OPERATES),
  'deployment.wake': project(OPERATES),
  'deployment.abort': project(OPERATES),
  'deployment.own': project(OWNS),
  'golden.list': project(SEES),
  'golden.add': project(CONTRIBUTES),
  'golden.record': project(CONTRIBUTES),
  'golden.remove': project(CONTRIBUTES),

  'event.list': project(SEES),
  'event.stream': installation('signed in'),

  'member.list': project(SEES),
  'member.set': project(OWNS),
  'member.remove': project(OWNS),
  'account.list': project(SEES),
  'account.create': project(OWNS),
  'account.change': project(OWNS),
  'account.delete': project(OWNS),
  'consumer.list': project(SEES),
  'consumer.create': project(OPERATES),
  'consumer.change': project(OPERATES),
  'consumer.delete': project(OPERATES),
  'consumer.usage': project(SEES),
  'audit.list': project(AUDITS),
  'audit.export': project(AUDITS),

  'upload.part': installation('anyone'),
  'session.read': installation('anyone'),
  'session.create': installation('anyone'),
  'session.end': installation('signed in'),
  'profile.read': installation('person'),
  'profile.change': installation('person'),
  'token.list': installation('person'),
  'token.create': installation('person'),
  'token.revoke': installation('person'),

  'person.list': installation('installation owner'),
  'person.create': installation('installation owner'),
  'person.change': installation('installation owner'),
  'person.delete': installation('installation owner'),
  'runner.admit': installation('installation owner'),
  'installation.audit': installation('installation owner'),
  'installation.backup': installation('installation owner'),
  'installation.restore': installation('installation owner'),
  'installation.describe': installation('signed in'),
  'installation.health': installation('anyone'),
  'installation.status': installation('signed in'),
  'installation.inspect': installation('installation owner'),
  'installation.metrics': installation('installation owner'),

  'runner.watch': installation('runner'),
  'runner.report': installation('runner'),
} as const satisfies Readonly<Record<string, ActRule>>

export type Act = keyof typeof ACTS
export const ACT_NAMES = Object.keys(ACTS) as Act[]

/** What a member holds in a project. A denial is an act, `deployment.swap`, or all those of a noun, `deployment.*`; it
 *  counts for more than any role. */
export interface Grants {
  readonly roles: readonly Role[]
  readonly denies: readonly string[]
}

export const isDenied = (act: Act, denies: readonly string[]): boolean =>
  denies.some((denial) => denial === act || denial === `${act.split('.', 1)[0]}.*`)

/** Whether a member may perform an act in the project; for an act of the installation it is false. */
export function mayInProject(act: Act, { roles, denies }: Grants): boolean {
  const rule: ActRule = ACTS[act]
  return 'roles' in rule && !isDenied(act, denies) && rule.roles.some((role) => roles.includes(role))
}

/** The roles that would allow it, for whoever is told no. */
export const rolesFor = (act: Act): readonly Role[] => {
  const rule: ActRule = ACTS[act]
  return 'roles' in rule ? rule.roles : []
}
