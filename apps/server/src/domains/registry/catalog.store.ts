import type { Model, ModelName, Version } from '@stead/contracts'
import type { Filter, Order } from '../filters/filter.ts'

/** What a list tells of a version: all but its files. */
export type VersionCard = Pick<
  Version,
  | 'model'
  | 'version'
  | 'description'
  | 'stage'
  | 'source'
  | 'run'
  | 'runLink'
  | 'user'
  | 'createdAt'
  | 'updatedAt'
  | 'aliases'
  | 'tags'
>

/** A model with the newest version of each stage. */
export interface ModelCard {
  readonly model: Model
  readonly latest: readonly VersionCard[]
}

export interface CardsWanted {
  readonly filter: Filter | undefined
  readonly order: readonly Order[]
  readonly limit: number
  /** Sort values of the last row of the page before. */
  readonly after: readonly string[] | undefined
}

export interface CardPage<T> {
  readonly items: T[]
  readonly next: readonly string[] | undefined
}

/** Searches through models and versions. Prompts are among them only where the filter asks for their tag. Pages are told
 *  by the last row's own sort values, so that changes in between neither repeat nor skip what is not changed itself. No
 *  statement reads more than a bounded number of rows. */
export interface CatalogStore {
  models(projectId: string, wanted: CardsWanted): Promise<CardPage<ModelCard>>
  versions(projectId: string, wanted: CardsWanted): Promise<CardPage<VersionCard>>
  /** Undefined where there is no such model. */
  model(projectId: string, name: ModelName): Promise<ModelCard | undefined>
}
