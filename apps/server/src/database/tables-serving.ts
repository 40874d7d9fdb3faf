import type { Document, Moment, Now } from './columns.ts'

/** Deployments, and the runners that serve them. */
export interface ServingTables {
  deployments: Deployments
  generations: Generations
  generation_versions: GenerationVersions
  golden_requests: GoldenRequests
  runners: Runners
  figures: Figures
}

interface Deployments {
  id: string
  project_id: string
  name: string
  model_id: string
  generation: number
  created_at: Now
  /** Who answers for it: `person:` or `account:` and an id; null for those made before there were people. */
  owner: string | null
}

interface Generations {
  deployment_id: string
  project_id: string
  generation: number
  kind: string
  /** Contract, routes, shadows, configuration, parked. */
  document: Document
  reason: string | null
  actor: string
  stages: Document
  idempotency_key: string | null
  committed_at: Now
}

/** The versions a deployment holds: those of its current generation and of those it may still return to. */
interface GenerationVersions {
  deployment_id: string
  project_id: string
  generation: number
  version_id: string
}

interface GoldenRequests {
  id: string
  deployment_id: string
  project_id: string
  name: string
  request: Document
  assertion: Document
  created_at: Now
}

interface Runners {
  name: string
  document: Document
  seen_at: Now
}

interface Figures {
  deployment_id: string
  project_id: string
  version: number
  /** Seconds. */
  step: 10 | 300
  at: Moment
  document: Document
}
