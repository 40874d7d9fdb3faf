import { type ModelName, type ProjectName, SteadError } from '@stead/contracts'
import { MODEL_VERSIONS, REGISTERED_MODELS, type FilterKind } from '../filters/kinds.ts'
import { parseOrder } from '../filters/order.ts'
import { readToken, writeToken } from '../filters/page-token.ts'
import { parseFilter } from '../filters/parse.ts'
import type { Projects } from '../projects/projects.ts'
import type { CardPage, CardsWanted, CatalogStore, ModelCard, VersionCard } from './catalog.store.ts'

export interface CardQuery {
  readonly filter?: string | undefined
  /** `['name', 'last_updated_timestamp DESC']` */
  readonly orderBy?: readonly string[] | undefined
  readonly limit: number
  readonly token?: string | undefined
}

export interface Cards<T> {
  readonly items: readonly T[]
  /** Undefined on the last page. */
  readonly nextToken: string | undefined
}

/** Models and versions found by filters. Failures: `invalid_request` for a filter, order or token that is not well
 *  formed. */
export interface Catalog {
  models(project: ProjectName, query: CardQuery): Promise<Cards<ModelCard>>
  versions(project: ProjectName, query: CardQuery): Promise<Cards<VersionCard>>
  model(project: ProjectName, name: ModelName): Promise<ModelCard>
}

export function createCatalog(store: CatalogStore, projects: Pick<Projects, 'idOf'>): Catalog {
  async function search<T>(
    kind: FilterKind,
    page: (projectId: string, wanted: CardsWanted) => Promise<CardPage<T>>,
    project: ProjectName,
    { filter, orderBy, limit, token }: CardQuery,
  ): Promise<Cards<T>> {
    const order = parseOrder(kind, orderBy)
    const wanted = { filter: parseFilter(kind, filter), order, limit, after: readToken(token, order)?.values }
    const { items, next } = await page(await projects.idOf(project), wanted)
    return { items, nextToken: next && writeToken({ part: 0, values: next }, order) }
  }
  return {
    models: (project, query) => search(REGISTERED_MODELS, store.models, project, query),
    versions: (project, query) => search(MODEL_VERSIONS, store.versions, project, query),
    async model(project, name) {
      const found = await store.model(await projects.idOf(project), name)
      if (!found) throw new SteadError('model_not_found', `there is no model "${name}"`)
      return found
    },
  }
}
