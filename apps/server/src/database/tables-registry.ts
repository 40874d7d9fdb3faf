import type { Generated } from 'kysely'
import type { Document, Now } from './columns.ts'

/** Models, and the bytes of everything. */
export interface RegistryTables {
  artifacts: Artifacts
  models: Models
  model_tags: ModelTags
  versions: Versions
  version_tags: VersionTags
  aliases: Aliases
}

interface Artifacts {
  project_id: string
  digest: string
  size: number
  created_at: Now
}

interface Models {
  id: string
  project_id: string
  name: string
  description: Generated<string>
  /** The highest number ever given to a version; numbers are never given twice. */
  last_version: Generated<number>
  created_at: Now
  /** Who made it, as clients say. */
  user_name: Generated<string>
  updated_at: Now
}

interface ModelTags {
  model_id: string
  project_id: string
  key: string
  value: string
}

interface Versions {
  id: string
  model_id: string
  project_id: string
  number: number
  /** Of the bundle's manifest. */
  digest: string
  runtime: string
  signature: Document
  /** `[{ path, digest, size }]` */
  files: Document
  size: number
  provenance: Document
  description: Generated<string>
  created_at: Now
  /** Where it was made from, as the client said; empty for bundles that were pushed. */
  source: Generated<string>
  /** What the source was when the version was made. */
  location: string | null
  run_id: string | null
  run_link: Generated<string>
  logged_model_id: string | null
  user_name: Generated<string>
  stage: Generated<'None' | 'Staging' | 'Production' | 'Archived'>
  status: Generated<string>
  updated_at: Now
}

interface VersionTags {
  version_id: string
  project_id: string
  key: string
  value: string
}

interface Aliases {
  model_id: string
  project_id: string
  alias: string
  version_number: number
  updated_at: Now
}
