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
  entry('experiments', 'List the experiments.', () => import('./commands/experiments.ts')),
  entry('experiments create', 'Create an experiment.', () => import('./commands/experiments-create.ts')),
  entry('experiments rename', 'Rename an experiment.', () => import('./commands/experiments-rename.ts')),
  entry(
    'experiments delete',
    'Delete an experiment, which can be restored.',
    () => import('./commands/experiments-delete.ts'),
  ),
  entry('experiments restore', 'Restore a deleted experiment.', () => import('./commands/experiments-restore.ts')),
  entry('experiments purge', 'Remove an experiment for good.', () => import('./commands/experiments-purge.ts')),
  entry('runs', 'Find runs.', () => import('./commands/runs.ts')),
  entry('runs show', 'Show what a run logged.', () => import('./commands/runs-show.ts')),
  entry('runs metrics', 'Show how metrics went.', () => import('./commands/runs-metrics.ts')),
  entry('runs log', 'Log to a run, and end it.', () => import('./commands/runs-log.ts')),
  entry('runs tag', 'Set tags of runs, or remove them.', () => import('./commands/runs-tag.ts')),
  entry('runs files', 'List the files of a run.', () => import('./commands/runs-files.ts')),
  entry('runs download', 'Fetch files of a run.', () => import('./commands/runs-download.ts')),
  entry('runs fork', 'Begin a run from where another was.', () => import('./commands/runs-fork.ts')),
  entry('runs move', 'Move runs to another experiment.', () => import('./commands/runs-move.ts')),
  entry('runs delete', 'Delete runs, which can be restored.', () => import('./commands/runs-delete.ts')),
  entry('runs restore', 'Restore deleted runs.', () => import('./commands/runs-restore.ts')),
  entry('runs purge', 'Remove runs for good.', () => import('./commands/runs-purge.ts')),
  entry('traces', 'Find traces of an experiment.', () => import('./commands/traces.ts')),
  entry('traces show', 'Show a trace with its spans.', () => import('./commands/traces-show.ts')),
  entry('traces delete', 'Delete traces for good.', () => import('./commands/traces-delete.ts')),
  entry('evaluation-sets', 'List the evaluation sets.', () => import('./commands/evaluation-sets.ts')),
  entry(
    'evaluation-sets show',
    'Show an evaluation set with its records.',
    () => import('./commands/evaluation-sets-show.ts'),
  ),
  entry(
    'evaluation-sets delete',
    'Delete an evaluation set for good.',
    () => import('./commands/evaluation-sets-delete.ts'),
  ),
  entry(
    'reproduce',
    'Tell how this working copy compares with what made a version.',
    () => import('./commands/reproduce.ts'),
  ),
  entry('import mlflow', 'Take over everything from an MLflow server.', () => import('./commands/import-mlflow.ts')),
  entry('export', 'Write runs, files and the registry into a folder.', () => import('./commands/export.ts')),
  entry('garbage', 'Give free what nothing names any more.', () => import('./commands/garbage.ts')),
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
  entry('project change', 'Say what the project is for.', () => import('./commands/project-change.ts')),
  entry('projects', 'List the projects.', () => import('./commands/projects.ts')),
  entry('projects create', 'Create a project.', () => import('./commands/projects-create.ts')),
  entry(
    'access create-owner',
    'Make somebody an owner of the installation; closes it to all others.',
    () => import('./commands/access-create-owner.ts'),
  ),
  entry('access people', 'List the people of the installation.', () => import('./commands/access-people.ts')),
  entry('access people add', 'Add a person.', () => import('./commands/access-people-add.ts')),
  entry(
    'access people change',
    'Change what a person is called or may, or their password.',
    () => import('./commands/access-people-change.ts'),
  ),
  entry('access people remove', 'Remove a person.', () => import('./commands/access-people-remove.ts')),
  entry('access roles', 'Show what each role may do.', () => import('./commands/access-roles.ts')),
  entry(
    'access whoami',
    'Tell who you are to the platform, and what you may do.',
    () => import('./commands/access-whoami.ts'),
  ),
  entry('access members', 'List the members of the project.', () => import('./commands/access-members.ts')),
  entry(
    'access members set',
    'Make a person a member, or change what they may do.',
    () => import('./commands/access-members-set.ts'),
  ),
  entry(
    'access members remove',
    'Take a person out of the project.',
    () => import('./commands/access-members-remove.ts'),
  ),
  entry(
    'access accounts',
    'List the service accounts of the project, with their tokens.',
    () => import('./commands/access-accounts.ts'),
  ),
  entry('access accounts create', 'Make a service account.', () => import('./commands/access-accounts-create.ts')),
  entry(
    'access accounts change',
    'Change what a service account may do.',
    () => import('./commands/access-accounts-change.ts'),
  ),
  entry('access accounts delete', 'Remove a service account.', () => import('./commands/access-accounts-delete.ts')),
  entry(
    'access accounts token create',
    'Make a token for a service account.',
    () => import('./commands/access-accounts-token-create.ts'),
  ),
  entry(
    'access accounts token revoke',
    'Revoke a token of a service account.',
    () => import('./commands/access-accounts-token-revoke.ts'),
  ),
  entry('access tokens', 'List your API tokens.', () => import('./commands/access-tokens.ts')),
  entry('access tokens create', 'Make an API token for yourself.', () => import('./commands/access-tokens-create.ts')),
  entry('access tokens revoke', 'Revoke one of your API tokens.', () => import('./commands/access-tokens-revoke.ts')),
  entry(
    'access join-tokens',
    'List the tokens with which runners join.',
    () => import('./commands/access-join-tokens.ts'),
  ),
  entry(
    'access join-tokens create',
    'Make a token with which runners join.',
    () => import('./commands/access-join-tokens-create.ts'),
  ),
  entry(
    'access join-tokens revoke',
    'Revoke a token with which runners join.',
    () => import('./commands/access-join-tokens-revoke.ts'),
  ),
  entry(
    'access hand-over',
    'Have somebody else answer for a deployment.',
    () => import('./commands/access-hand-over.ts'),
  ),
  entry(
    'consumers',
    'List who calls deployments by a key, and what they use.',
    () => import('./commands/consumers.ts'),
  ),
  entry('consumers create', 'Make a consumer.', () => import('./commands/consumers-create.ts')),
  entry('consumers change', 'Change the limits of a consumer.', () => import('./commands/consumers-change.ts')),
  entry('consumers delete', 'Remove a consumer and its keys.', () => import('./commands/consumers-delete.ts')),
  entry('consumers keys create', 'Make a key for a consumer.', () => import('./commands/consumers-keys-create.ts')),
  entry('consumers keys revoke', 'Revoke a key of a consumer.', () => import('./commands/consumers-keys-revoke.ts')),
  entry('consumers usage', 'Show what a consumer used.', () => import('./commands/consumers-usage.ts')),
  entry('webhooks', 'List who is told of what happens to models.', () => import('./commands/webhooks.ts')),
  entry('webhooks create', 'Have an address told of events.', () => import('./commands/webhooks-create.ts')),
  entry('webhooks change', 'Change, enable or disable a webhook.', () => import('./commands/webhooks-change.ts')),
  entry('webhooks delete', 'Remove a webhook and its deliveries.', () => import('./commands/webhooks-delete.ts')),
  entry('webhooks test', 'Send an example to a webhook.', () => import('./commands/webhooks-test.ts')),
  entry(
    'webhooks deliveries',
    'Show what a webhook was told, and what it answered.',
    () => import('./commands/webhooks-deliveries.ts'),
  ),
  entry('webhooks redeliver', 'Send a delivery once more.', () => import('./commands/webhooks-redeliver.ts')),
  entry('audit list', 'Show who did what, and what was denied.', () => import('./commands/audit-list.ts')),
  entry('audit export', 'Write the audit log into a file.', () => import('./commands/audit-export.ts')),
  entry('audit verify', 'Check that an audit log is whole.', () => import('./commands/audit-verify.ts')),
  entry('backup', 'Write everything into one archive.', () => import('./commands/backup.ts')),
  entry('restore', 'Put an archive in place.', () => import('./commands/restore.ts')),
  entry('openapi', 'Print the description of the API.', () => import('./commands/openapi.ts')),
]

/** `golden D add` as a person writes it. */
export const titleOf = ({ words }: Entry): string => words.map((word) => (word === '*' ? 'DEPLOYMENT' : word)).join(' ')
