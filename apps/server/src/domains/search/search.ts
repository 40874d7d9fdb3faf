import { SteadError } from '@stead/contracts'
import type { ProjectName, SearchHit } from '@stead/contracts'
import type { Projects } from '../projects/projects.ts'
import { digestStart } from '../registry/digest-start.ts'

/** How well a hit fits: the whole of it, its beginning, or a part. */
export type Fit = 0 | 1 | 2
/** `by` is what it was found by: among equals the order is that of its bytes. */
export interface Found {
  readonly hit: SearchHit
  readonly fit: Fit
  readonly by: string
}

/** Finds things by their names, without case; of each kind the best `limit`, best first. */
export interface SearchStore {
  deployments(projectId: string, text: string, limit: number): Promise<Found[]>
  models(projectId: string, text: string, limit: number): Promise<Found[]>
  /** By the alias, or by `model@alias` where the text has an "@". */
  aliases(projectId: string, text: string, limit: number): Promise<Found[]>
  /** Versions of this number, by a part of the model's name. */
  numberedVersions(projectId: string, model: string, version: number, limit: number): Promise<Found[]>
  versionsByDigest(projectId: string, start: string, limit: number): Promise<Found[]>
}

export interface Search {
  find(project: ProjectName, asked: { q: string; limit: number }): Promise<SearchHit[]>
}

const KINDS: readonly SearchHit['kind'][] = ['deployment', 'model', 'alias', 'version']
const LAST_VERSION = 2 ** 31 - 1

export function createSearch(store: SearchStore, projects: Projects): Search {
  return {
    async find(project, { q, limit }) {
      const projectId = await projects.idOf(project)
      const text = q.trim()
      if (text === '') throw new SteadError('invalid_request', 'query.q: nothing to look for', { where: 'query.q' })
      const numbered = numberedIn(text)
      const digest = digestStart(text)
      const found = [
        ...(await store.deployments(projectId, text, limit)),
        ...(await store.models(projectId, text, limit)),
        ...(await store.aliases(projectId, text, limit)),
        ...(numbered ? await store.numberedVersions(projectId, numbered.model, numbered.version, limit) : []),
        ...(digest === undefined ? [] : await store.versionsByDigest(projectId, digest, limit)),
      ]
      return found
        .toSorted(bestFirst)
        .slice(0, limit)
        .map(({ hit }) => hit)
    },
  }
}

function bestFirst(one: Found, other: Found): number {
  const kinds = KINDS.indexOf(one.hit.kind) - KINDS.indexOf(other.hit.kind)
  return one.fit - other.fit || kinds || Buffer.compare(Buffer.from(one.by), Buffer.from(other.by))
}

/** `weather v8`, `weather 8`, `weather/8`, `weather/v8`. */
function numberedIn(text: string): { model: string; version: number } | undefined {
  const [, model, digits] = /^(.*[^\s/])(?:\s+|\s*\/\s*)v?(\d{1,10})$/i.exec(text) ?? []
  const version = Number(digits)
  return model !== undefined && version >= 1 && version <= LAST_VERSION ? { model, version } : undefined
}
