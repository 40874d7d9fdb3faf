import * as artifacts from './artifacts.ts'
import * as audit from './audit.ts'
import * as changes from './changes.ts'
import * as consumers from './consumers.ts'
import * as deployments from './deployments.ts'
import * as evaluationSets from './evaluation-sets.ts'
import * as experiments from './experiments.ts'
import * as events from './events.ts'
import * as figures from './figures.ts'
import * as golden from './golden.ts'
import * as installation from './installation.ts'
import * as members from './members.ts'
import * as people from './people.ts'
import * as projects from './projects.ts'
import * as lanes from './lanes.ts'
import * as loggedModels from './logged-models.ts'
import * as registry from './registry.ts'
import * as graphs from './graphs.ts'
import * as runs from './runs.ts'
import * as runFiles from './run-files.ts'
import * as registrations from './registrations.ts'
import * as runImport from './run-import.ts'
import * as garbage from './garbage.ts'
import * as runners from './runners.ts'
import * as search from './search.ts'
import * as sessions from './sessions.ts'
import * as tokens from './tokens.ts'
import * as traces from './traces.ts'
import * as trials from './trials.ts'
import * as uploads from './uploads.ts'
import * as webhooks from './webhooks.ts'
import type { Endpoint } from './endpoint.ts'

const isEndpoint = (value: unknown): value is Endpoint =>
  typeof value === 'object' && value !== null && 'act' in value && 'path' in value && 'method' in value

/** Every endpoint by its name: what OpenAPI is generated from and what tests walk. */
export const ENDPOINTS: Readonly<Record<string, Endpoint>> = Object.fromEntries(
  Object.entries({
    ...projects,
    ...artifacts,
    ...experiments,
    ...runs,
    ...runFiles,
    ...loggedModels,
    ...registrations,
    ...runImport,
    ...garbage,
    ...uploads,
    ...registry,
    ...graphs,
    ...search,
    ...deployments,
    ...changes,
    ...lanes,
    ...golden,
    ...trials,
    ...figures,
    ...events,
    ...runners,
    ...sessions,
    ...tokens,
    ...people,
    ...members,
    ...traces,
    ...evaluationSets,
    ...webhooks,
    ...consumers,
    ...audit,
    ...installation,
  }).filter((entry): entry is [string, Endpoint] => isEndpoint(entry[1])),
)
