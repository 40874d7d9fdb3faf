import type { AnyCommand } from './command.ts'

/** One command by its words; `*` stands for its first argument. Summaries live here so that the overview loads no
 *  command, and a command no other. */
export interface Entry {
  readonly words: readonly string[]
  readonly summary: string
  load(): Promise<AnyCommand>
}

function entry(words: string, summary: string, load: () => Promise<{ command: object }>): Entry {
  // The compiler knows each command's own types; a list of all of them can only know what they have in common.
  return { words: words.split(' '), summary, load: async () => (await load()).command as AnyCommand }
}

export const CATALOGUE: readonly Entry[] = [
  entry('up', 'Run the whole platform on this machine.', () => import('./commands/up.ts')),
  entry('server', 'Run the control plane alone.', () => import('./commands/server.ts')),
  entry('runner', 'Run a data plane alone.', () => import('./commands/runner.ts')),
  entry(
    'model push',
    'Register a file or a folder as the next version of a model.',
    () => import('./commands/model-push.ts'),
  ),
  entry('model delete', 'Remove a model, or one of its versions.', () => import('./commands/model-delete.ts')),
  entry('model alias', 'Point a name at a version, or remove the name.', () => import('./commands/model-alias.ts')),
  entry('models', 'List models, or the versions of one.', () => import('./commands/models.ts')),
  entry('search', 'Find deployments, models, aliases and versions.', () => import('./commands/search.ts')),
  entry('deploy', 'Make a standing deployment of a model.', () => import('./commands/deploy.ts')),
  entry('predict', 'Ask a deployment.', () => import('./commands/predict.ts')),
  entry('swap', 'Put another version in place without losing a request.', () => import('./commands/swap.ts')),
  entry('rollback', 'Return to an earlier generation.', () => import('./commands/rollback.ts')),
  entry('traffic', 'Split traffic among versions, with shadows beside.', () => import('./commands/traffic.ts')),
  entry('park', 'Unload a deployment and keep its place.', () => import('./commands/park.ts')),
  entry('wake', 'Load a parked deployment again.', () => import('./commands/wake.ts')),
  entry('abort', 'Give up the change that is under way.', () => import('./commands/abort.ts')),
  entry('delete', 'End a deployment.', () => import('./commands/delete.ts')),
  entry('status', 'Show what runs where, and why not.', () => import('./commands/status.ts')),
  entry('history', 'List the generations of a deployment.', () => import('./commands/history.ts')),
  entry('golden * add', 'Keep a request that every version must pass.', () => import('./commands/golden-add.ts')),
  entry('golden * list', 'List the golden requests of a deployment.', () => import('./commands/golden-list.ts')),
  entry('golden * remove', 'Forget a golden request.', () => import('./commands/golden-remove.ts')),
  entry('golden * record', 'Keep the next requests of live traffic.', () => import('./commands/golden-record.ts')),
  entry('events', 'Show what happened, and what happens.', () => import('./commands/events.ts')),
  entry('project', 'Tell how much the project holds.', () => import('./commands/project.ts')),
  entry('projects', 'List the projects.', () => import('./commands/projects.ts')),
  entry('projects create', 'Create a project.', () => import('./commands/projects-create.ts')),
  entry('backup', 'Write everything into one archive.', () => import('./commands/backup.ts')),
  entry('restore', 'Put an archive in place.', () => import('./commands/restore.ts')),
  entry('openapi', 'Print the description of the API.', () => import('./commands/openapi.ts')),
]

/** `golden D add` as a person writes it. */
export const titleOf = ({ words }: Entry): string => words.map((word) => (word === '*' ? 'DEPLOYMENT' : word)).join(' ')
