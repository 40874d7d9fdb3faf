import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import {
  AliasName,
  BundlePath,
  DeploymentName,
  Digest,
  Generation,
  Instant,
  ModelName,
  NewAliasName,
  VersionNumber,
} from './names.ts'
import { InProject } from './projects.ts'
import { DeclaredSignature, Signature } from './tensors.ts'

export const Runtime = z.enum(['onnx', 'javascript', 'python', 'java'])
export type Runtime = z.infer<typeof Runtime>

export const VersionFile = z.object({ path: BundlePath, digest: Digest, size: z.number().int().min(0) })
export type VersionFile = z.infer<typeof VersionFile>

/** Where a version comes from. Every field is optional: what is unknown is absent. */
export const Provenance = z.object({
  sourceRun: z.string().max(250).optional(),
  dataset: z.string().max(500).optional(),
  commit: z.string().max(250).optional(),
})
export type Provenance = z.infer<typeof Provenance>

/** MLflow's stages, which aliases came after. */
export const ModelStage = z.enum(['None', 'Staging', 'Production', 'Archived'])
export type ModelStage = z.infer<typeof ModelStage>

export const TagKey = z
  .string()
  .min(1)
  .max(250)
  .refine((key) => /^[/\p{L}\p{N}\p{M}_.\- :]*$/u.test(key) && !/^\/|\/\/|(^|\/)\.{1,2}(\/|$)|\/$/.test(key), {
    error: 'tag name: 1 to 250 letters, digits, "_", "-", ".", " ", ":" or "/", which is no path upwards',
  })
const TagValue = z.string().max(100_000)
const TagValues = z.record(TagKey, TagValue)
/** A tag given as null is removed. */
const TagChanges = z.record(TagKey, TagValue.nullable())
const Description = z.string().max(100_000)

export const Version = z.object({
  model: ModelName,
  version: VersionNumber,
  /** SHA-256 of the bundle's manifest: the sorted list of its files' paths and digests. */
  digest: Digest,
  runtime: Runtime,
  signature: Signature,
  files: z.array(VersionFile),
  size: z.number().int(),
  provenance: Provenance,
  description: z.string(),
  aliases: z.array(AliasName),
  tags: z.record(z.string(), z.string()),
  stage: ModelStage,
  /** Where it was made from, as its maker said: `runs:/…`, `models:/…`, `s3://…`; empty for a bundle that was pushed. */
  source: z.string(),
  run: z.string().nullable(),
  runLink: z.string(),
  loggedModel: z.string().nullable(),
  user: z.string(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Version = z.infer<typeof Version>

/** What a list of models tells of the newest version of each. */
export const LatestVersion = z.object({
  version: VersionNumber,
  runtime: Runtime,
  size: z.number().int(),
  inputs: z.number().int(),
  outputs: z.number().int(),
  createdAt: Instant,
})
export type LatestVersion = z.infer<typeof LatestVersion>

export const Model = z.object({
  name: ModelName,
  description: z.string(),
  createdAt: Instant,
  latestVersion: VersionNumber.nullable(),
  latest: LatestVersion.nullable(),
  /** Deployments whose table names versions of this model now. */
  deployments: z.array(DeploymentName),
  versions: z.number().int(),
  aliases: z.record(z.string(), VersionNumber),
  tags: z.record(z.string(), z.string()),
  user: z.string(),
  updatedAt: Instant,
})
export type Model = z.infer<typeof Model>

/** Keyset pages: pass `next` as `after` to read on. */
export const Page = z.object({
  after: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})
export type Page = z.infer<typeof Page>

export const OneModel = InProject.extend({ model: ModelName })
export const OneVersion = OneModel.extend({ version: VersionNumber })
const OneAlias = OneModel.extend({ alias: AliasName })
const OneNewAlias = OneModel.extend({ alias: NewAliasName })

export const listModels = endpoint({
  act: 'model.list',
  method: 'GET',
  path: '/api/v1/projects/:project/models',
  says: 'Lists models by name. `search` finds a part of the name, an alias, or the beginning of a version’s digest; `serving` leaves out what no deployment names. Prompts are listed only with `prompts`.',
  params: InProject,
  query: Page.extend({
    search: z.string().max(250).optional(),
    serving: z.enum(['true', 'false']).default('false'),
    prompts: z.enum(['true', 'false']).default('false'),
  }),
  returns: z.object({ models: z.array(Model), next: z.string().nullable(), total: z.number().int() }),
  fails: ['project_not_found'],
})

export const getModel = endpoint({
  act: 'model.get',
  method: 'GET',
  path: '/api/v1/projects/:project/models/:model',
  says: 'Reads one model.',
  params: OneModel,
  returns: Model,
  fails: ['project_not_found', 'model_not_found'],
})

export const createModel = endpoint({
  act: 'model.create',
  method: 'POST',
  path: '/api/v1/projects/:project/models',
  status: 201,
  says: 'Makes a model that has no version yet. Registering a version makes its model, too.',
  params: InProject,
  body: z.object({ name: ModelName, description: Description.default(''), tags: TagValues.default({}) }),
  returns: Model,
  fails: ['project_not_found', 'name_taken', 'invalid_request'],
})

export const changeModel = endpoint({
  act: 'model.change',
  method: 'PATCH',
  path: '/api/v1/projects/:project/models/:model',
  says: 'Describes a model, renames it, sets tags, or removes those given as null. Deployments go on under the new name.',
  params: OneModel,
  body: z.object({ name: ModelName.optional(), description: Description.optional(), tags: TagChanges.default({}) }),
  returns: Model,
  fails: ['project_not_found', 'model_not_found', 'name_taken', 'invalid_request'],
})

export const deleteModel = endpoint({
  act: 'model.delete',
  method: 'DELETE',
  path: '/api/v1/projects/:project/models/:model',
  status: 204,
  says: 'Removes a model with its versions. Refused while a deployment holds one of them.',
  params: OneModel,
  fails: ['project_not_found', 'model_not_found', 'version_held'],
})

export const listVersions = endpoint({
  act: 'version.list',
  method: 'GET',
  path: '/api/v1/projects/:project/models/:model/versions',
  says: 'Lists versions, newest first.',
  params: OneModel,
  query: Page,
  returns: z.object({ versions: z.array(Version), next: z.string().nullable() }),
  fails: ['project_not_found', 'model_not_found'],
})

export const createVersion = endpoint({
  act: 'version.create',
  method: 'POST',
  path: '/api/v1/projects/:project/models/:model/versions',
  status: 201,
  says: 'Registers uploaded files as the next version; the model is made if it is new. An ONNX signature is read from the file.',
  params: OneModel,
  body: z.object({
    files: z
      .array(z.object({ path: BundlePath, digest: Digest }))
      .min(1)
      .max(10_000),
    runtime: Runtime.optional(),
    signature: DeclaredSignature.optional(),
    provenance: Provenance.default({}),
    description: z.string().max(10_000).default(''),
    /** Return the version that already has exactly these files instead of making another. */
    ifNew: z.boolean().default(false),
  }),
  returns: Version.extend({ created: z.boolean() }),
  fails: [
    'project_not_found',
    'invalid_request',
    'artifact_not_found',
    'signature_missing',
    'model_unreadable',
    'model_unsupported',
  ],
})

export const getVersion = endpoint({
  act: 'version.get',
  method: 'GET',
  path: '/api/v1/projects/:project/models/:model/versions/:version',
  says: 'Reads one version.',
  params: OneVersion,
  returns: Version,
  fails: ['project_not_found', 'model_not_found', 'version_not_found'],
})

export const changeVersion = endpoint({
  act: 'version.change',
  method: 'PATCH',
  path: '/api/v1/projects/:project/models/:model/versions/:version',
  says: 'Describes a version, sets its stage, sets tags, or removes those given as null. Its files stay what they are. `archiveOthers` archives the versions that were in that stage.',
  params: OneVersion,
  body: z.object({
    description: Description.optional(),
    stage: ModelStage.optional(),
    archiveOthers: z.boolean().default(false),
    tags: TagChanges.default({}),
  }),
  returns: Version,
  fails: ['project_not_found', 'model_not_found', 'version_not_found', 'invalid_request'],
})

export const deleteVersion = endpoint({
  act: 'version.delete',
  method: 'DELETE',
  path: '/api/v1/projects/:project/models/:model/versions/:version',
  status: 204,
  says: 'Removes a version. Refused while a deployment holds it.',
  params: OneVersion,
  fails: ['project_not_found', 'model_not_found', 'version_not_found', 'version_held'],
})

export const setAlias = endpoint({
  act: 'alias.set',
  method: 'PUT',
  path: '/api/v1/projects/:project/models/:model/aliases/:alias',
  says: 'Points an alias at a version.',
  params: OneNewAlias,
  body: z.object({ version: VersionNumber }),
  returns: Model,
  fails: ['project_not_found', 'model_not_found', 'version_not_found', 'invalid_request'],
})

export const deleteAlias = endpoint({
  act: 'alias.delete',
  method: 'DELETE',
  path: '/api/v1/projects/:project/models/:model/aliases/:alias',
  status: 204,
  says: 'Removes an alias.',
  params: OneAlias,
  fails: ['project_not_found', 'model_not_found', 'alias_not_found'],
})

/** A span of time in which a deployment named a version. */
export const ServingSpan = z.object({
  version: VersionNumber,
  deployment: DeploymentName,
  role: z.enum(['route', 'shadow']),
  /** Of the traffic for a route, of the copies for a shadow; 0 to 1. */
  share: z.number(),
  generation: Generation,
  from: Instant,
  /** Null while it lasts. */
  until: Instant.nullable(),
})
export type ServingSpan = z.infer<typeof ServingSpan>

export const modelServing = endpoint({
  act: 'model.get',
  method: 'GET',
  path: '/api/v1/projects/:project/models/:model/serving',
  says: 'Tells where the versions of a model serve and served, newest first.',
  params: OneModel,
  query: z.object({
    version: VersionNumber.optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(200),
  }),
  returns: z.object({ spans: z.array(ServingSpan) }),
  fails: ['project_not_found', 'model_not_found'],
})
