import { optional, repeated, required } from '../../mlflow/message.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import type { Catalog } from './catalog.ts'
import type { Curation } from './curation.ts'
import {
  inMlflowWords,
  listed,
  modelVersion,
  nameIn,
  newNameIn,
  stageIn,
  tagIn,
  tagsIn,
  versionIn,
} from './mlflow-words.ts'
import type { Registrations } from './registrations.ts'
import { countIn } from './registry.mlflow.ts'
import type { Registry } from './registry.ts'

export interface VersionsMlflowParts {
  readonly mlflow: MlflowMount
  readonly registry: Registry
  readonly registrations: Registrations
  readonly curation: Curation
  readonly catalog: Catalog
}

const Named = { name: required('string') }
const OneVersion = { ...Named, version: required('string') }
const Tag = { key: required('string'), value: optional('string') }

/** Versions of models over MLflow's protocol. */
export function serveVersionsToMlflow(parts: VersionsMlflowParts): void {
  serveRegistrations(parts)
  serveVersions(parts)
  serveVersionChanges(parts)
  serveVersionTags(parts)
}

function serveRegistrations({ mlflow, registrations }: VersionsMlflowParts): void {
  mlflow(
    {
      act: 'version.create',
      method: 'POST',
      path: 'model-versions/create',
      takes: {
        ...Named,
        source: required('string'),
        run_id: optional('string'),
        run_link: optional('string'),
        description: optional('string'),
        model_id: optional('string'),
        tags: repeated(Tag),
      },
    },
    ({ name, source, run_id, run_link = '', description = '', model_id, tags }, { project, actor }) =>
      inMlflowWords({ name }, async () => {
        const asked = {
          source,
          run: run_id || null,
          runLink: run_link,
          loggedModel: model_id || null,
          description,
          tags: tagsIn(tags),
        }
        const made = await registrations.register(project, newNameIn(name, 'name'), asked, actor)
        return { model_version: modelVersion(made) }
      }),
  )
}

function serveVersions({ mlflow, registry, catalog }: VersionsMlflowParts): void {
  mlflow(
    { act: 'version.get', method: 'GET', path: 'model-versions/get', takes: OneVersion },
    ({ name, version }, { project }) =>
      inMlflowWords({ name, version }, async () => ({
        model_version: modelVersion(await registry.getVersion(project, nameIn(name), versionIn(name, version))),
      })),
  )
  mlflow(
    { act: 'version.get', method: 'GET', path: 'model-versions/get-download-uri', takes: OneVersion },
    ({ name, version }, { project }) =>
      inMlflowWords({ name, version }, async () => {
        const found = await registry.getVersion(project, nameIn(name), versionIn(name, version))
        return { artifact_uri: await registry.locationOf(project, found) }
      }),
  )
  mlflow(
    {
      act: 'version.list',
      method: 'GET',
      path: 'model-versions/search',
      takes: {
        filter: optional('string'),
        max_results: optional('int64'),
        order_by: repeated('string'),
        page_token: optional('string'),
      },
    },
    async ({ filter, max_results = 10_000, order_by, page_token }, { project }) => {
      const query = { filter, orderBy: order_by, limit: countIn(max_results, 200_000), token: page_token }
      const { items, nextToken } = await catalog.versions(project, query)
      return {
        ...listed('model_versions', items.map(modelVersion)),
        ...(nextToken === undefined ? {} : { next_page_token: nextToken }),
      }
    },
  )
}

function serveVersionChanges({ mlflow, registry, curation }: VersionsMlflowParts): void {
  mlflow(
    {
      act: 'version.change',
      method: 'PATCH',
      path: 'model-versions/update',
      takes: { ...OneVersion, description: optional('string') },
    },
    ({ name, version, description }, { project, actor }) =>
      inMlflowWords({ name, version }, async () => {
        const number = versionIn(name, version)
        const changed = await curation.changeVersion(project, nameIn(name), number, { description }, actor)
        return { model_version: modelVersion(changed) }
      }),
  )
  mlflow(
    {
      act: 'version.change',
      method: 'POST',
      path: 'model-versions/transition-stage',
      takes: { ...OneVersion, stage: required('string'), archive_existing_versions: optional('bool') },
    },
    ({ name, version, stage, archive_existing_versions }, { project, actor }) =>
      inMlflowWords({ name, version }, async () => {
        const change = { stage: stageIn(stage), archiveOthers: archive_existing_versions }
        const changed = await curation.changeVersion(project, nameIn(name), versionIn(name, version), change, actor)
        return { model_version: modelVersion(changed) }
      }),
  )
  mlflow(
    { act: 'version.delete', method: 'DELETE', path: 'model-versions/delete', takes: OneVersion },
    ({ name, version }, { project, actor }) =>
      inMlflowWords({ name, version }, async () => {
        await registry.deleteVersion(project, nameIn(name), versionIn(name, version), actor)
        return {}
      }),
  )
}

function serveVersionTags({ mlflow, curation }: VersionsMlflowParts): void {
  mlflow(
    { act: 'version.change', method: 'POST', path: 'model-versions/set-tag', takes: { ...OneVersion, ...Tag } },
    ({ name, version, ...tag }, { project, actor }) =>
      inMlflowWords({ name, version }, async () => {
        const [key, value] = tagIn(tag)
        const number = versionIn(name, version)
        await curation.changeVersion(project, nameIn(name), number, { tags: { [key]: value } }, actor)
        return {}
      }),
  )
  mlflow(
    {
      act: 'version.change',
      method: 'DELETE',
      path: 'model-versions/delete-tag',
      takes: { ...OneVersion, key: required('string') },
    },
    ({ name, version, key }, { project, actor }) =>
      inMlflowWords({ name, version }, async () => {
        const number = versionIn(name, version)
        await curation.changeVersion(project, nameIn(name), number, { tags: { [tagIn({ key })[0]]: null } }, actor)
        return {}
      }),
  )
}
