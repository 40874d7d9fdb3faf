import { MlflowError } from '../../mlflow/failures.ts'
import { invalid, optional, type Read, repeated, required } from '../../mlflow/message.ts'
import type { MlflowCaller, MlflowMount } from '../../mlflow/mount.ts'
import type { Catalog } from './catalog.ts'
import type { Curation } from './curation.ts'
import {
  aliasIn,
  inMlflowWords,
  isLatest,
  latestNotFound,
  listed,
  modelVersion,
  nameIn,
  newAliasIn,
  newNameIn,
  registeredModel,
  stageIn,
  tagIn,
  tagsIn,
  versionIn,
} from './mlflow-words.ts'
import type { Registry } from './registry.ts'

export interface RegistryMlflowParts {
  readonly mlflow: MlflowMount
  readonly registry: Registry
  readonly curation: Curation
  readonly catalog: Catalog
}

const Named = { name: required('string') }
const Tag = { key: required('string'), value: optional('string') }
const Searched = {
  filter: optional('string'),
  max_results: optional('int64'),
  order_by: repeated('string'),
  page_token: optional('string'),
}

/** Models and aliases over MLflow's protocol. */
export function serveRegistryToMlflow(parts: RegistryMlflowParts): void {
  serveModels(parts)
  serveModelSearches(parts)
  serveModelTags(parts)
  serveAliases(parts)
}

function serveModels({ mlflow, registry, curation, catalog }: RegistryMlflowParts): void {
  const Described = { ...Named, description: optional('string') }
  mlflow(
    {
      act: 'model.create',
      method: 'POST',
      path: 'registered-models/create',
      takes: { ...Described, tags: repeated(Tag) },
    },
    async ({ name, description = '', tags }, { project, actor }) => {
      const model = { name: newNameIn(name, 'name'), description, tags: tagsIn(tags) }
      await curation.createModel(project, model, actor)
      return { registered_model: registeredModel(await catalog.model(project, model.name)) }
    },
  )
  mlflow(
    {
      act: 'model.change',
      method: 'POST',
      path: 'registered-models/rename',
      takes: { ...Named, new_name: required('string') },
    },
    ({ name, new_name }, { project, actor }) =>
      inMlflowWords({ name }, async () => {
        const to = newNameIn(new_name, 'new_name')
        await curation.changeModel(project, nameIn(name), { name: to }, actor)
        return { registered_model: registeredModel(await catalog.model(project, to)) }
      }),
  )
  mlflow(
    { act: 'model.change', method: 'PATCH', path: 'registered-models/update', takes: Described },
    ({ name, description }, { project, actor }) =>
      inMlflowWords({ name }, async () => {
        await curation.changeModel(project, nameIn(name), { description }, actor)
        return { registered_model: registeredModel(await catalog.model(project, nameIn(name))) }
      }),
  )
  mlflow(
    { act: 'model.delete', method: 'DELETE', path: 'registered-models/delete', takes: Named },
    ({ name }, { project, actor }) =>
      inMlflowWords({ name }, async () => {
        await registry.deleteModel(project, nameIn(name), actor)
        return {}
      }),
  )
  mlflow({ act: 'model.get', method: 'GET', path: 'registered-models/get', takes: Named }, ({ name }, { project }) =>
    inMlflowWords({ name }, async () => ({
      registered_model: registeredModel(await catalog.model(project, nameIn(name))),
    })),
  )
}

function serveModelSearches({ mlflow, catalog }: RegistryMlflowParts): void {
  const search = async (asked: Read<typeof Searched>, { project }: MlflowCaller) => {
    const { filter, max_results = 100, order_by, page_token } = asked
    const query = { filter, orderBy: order_by, limit: countIn(max_results, 1000), token: page_token }
    const { items, nextToken } = await catalog.models(project, query)
    return {
      ...listed('registered_models', items.map(registeredModel)),
      ...(nextToken === undefined ? {} : { next_page_token: nextToken }),
    }
  }
  // The client for R posts its searches.
  mlflow({ act: 'model.list', method: ['GET', 'POST'], path: 'registered-models/search', takes: Searched }, search)
  // Clients of 1.x.
  mlflow({ act: 'model.list', method: 'GET', path: 'registered-models/list', takes: Searched }, search)
  mlflow(
    {
      act: 'version.list',
      method: ['GET', 'POST'],
      path: 'registered-models/get-latest-versions',
      takes: { ...Named, stages: repeated('string') },
    },
    ({ name, stages = [] }, { project }) =>
      inMlflowWords({ name }, async () => {
        const wanted = stages.map(stageIn)
        const { latest } = await catalog.model(project, nameIn(name))
        const found = latest.filter(({ stage }) => wanted.length === 0 || wanted.includes(stage))
        return listed('model_versions', found.map(modelVersion))
      }),
  )
}

function serveModelTags({ mlflow, curation }: RegistryMlflowParts): void {
  mlflow(
    { act: 'model.change', method: 'POST', path: 'registered-models/set-tag', takes: { ...Named, ...Tag } },
    ({ name, ...tag }, { project, actor }) =>
      inMlflowWords({ name }, async () => {
        const [key, value] = tagIn(tag)
        await curation.changeModel(project, nameIn(name), { tags: { [key]: value } }, actor)
        return {}
      }),
  )
  mlflow(
    {
      act: 'model.change',
      method: 'DELETE',
      path: 'registered-models/delete-tag',
      takes: { ...Named, key: required('string') },
    },
    ({ name, key }, { project, actor }) =>
      inMlflowWords({ name }, async () => {
        await curation.changeModel(project, nameIn(name), { tags: { [tagIn({ key })[0]]: null } }, actor)
        return {}
      }),
  )
}

function serveAliases({ mlflow, registry, catalog }: RegistryMlflowParts): void {
  const OneAlias = { ...Named, alias: required('string') }
  const path = 'registered-models/alias'
  mlflow(
    { act: 'alias.set', method: 'POST', path, takes: { ...OneAlias, version: required('string') } },
    ({ name, alias, version }, { project, actor }) =>
      inMlflowWords({ name, version }, async () => {
        const named = newAliasIn(alias)
        await registry.setAlias(project, nameIn(name), named, versionIn(name, version), actor)
        return {}
      }),
  )
  mlflow({ act: 'alias.delete', method: 'DELETE', path, takes: OneAlias }, ({ name, alias }, { project, actor }) =>
    inMlflowWords({ name }, async () => {
      await registry.dropAlias(project, nameIn(name), aliasIn(alias), actor)
      return {}
    }),
  )
  mlflow({ act: 'version.get', method: 'GET', path, takes: OneAlias }, ({ name, alias }, { project }) =>
    inMlflowWords({ name }, async () => {
      const { model, latest } = await catalog.model(project, nameIn(name))
      const named = aliasIn(alias)
      if (isLatest(alias)) {
        const [newest] = latest
        if (!newest) throw latestNotFound(name)
        return { model_version: modelVersion(newest) }
      }
      const version = model.aliases[named]
      if (version === undefined)
        throw new MlflowError('INVALID_PARAMETER_VALUE', `Registered model alias ${alias} not found.`)
      return { model_version: modelVersion(await registry.getVersion(project, model.name, version)) }
    }),
  )
}

export function countIn(given: number, most: number): number {
  if (given < 1 || given > most) throw invalid('max_results', given)
  return given
}
