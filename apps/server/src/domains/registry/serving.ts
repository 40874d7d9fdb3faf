import { Generation, SteadError } from '@stead/contracts'
import type {
  DeploymentName,
  ModelName,
  ProjectName,
  Route,
  ServingSpan,
  Shadow,
  VersionNumber,
} from '@stead/contracts'
import type { Projects } from '../projects/projects.ts'

/** Where a page of tables ends. */
interface Place {
  readonly deploymentId: string
  readonly generation: Generation
}

/** A generation that names a version of the model, and the one that ended it. */
export interface ServingTable extends Place {
  readonly deployment: DeploymentName
  readonly routes: readonly Route[]
  readonly shadows: readonly Shadow[]
  readonly committedAt: string
  /** Null while it is the current one. */
  readonly endedBy: { readonly generation: Generation; readonly at: string } | null
}

/** Route tables that named a model: deployment by deployment, the tables of each newest first. A model of the same name
 *  that was deleted before this one was made is another model. */
export interface ServingStore {
  /** Undefined where there is no such model. */
  tables(
    projectId: string,
    model: ModelName,
    page: { after?: Place | undefined; limit: number },
  ): Promise<ServingTable[] | undefined>
}

export interface Serving {
  /** Where the versions of a model serve and served: by when it began, newest first. */
  spans(
    project: ProjectName,
    model: ModelName,
    asked: { version?: VersionNumber | undefined; limit: number },
  ): Promise<ServingSpan[]>
}

const PAGE = 500

export function createServing(store: ServingStore, projects: Pick<Projects, 'idOf'>, page = PAGE): Serving {
  return {
    async spans(project, model, { version, limit }) {
      const projectId = await projects.idOf(project)
      const joined = joinSpans()
      const wanted = () => joined.known().filter((span) => version === undefined || span.version === version)
      let after: Place | undefined
      for (let isMore = true; isMore;) {
        const tables = await store.tables(projectId, model, { after, limit: page })
        if (!tables) throw new SteadError('model_not_found', `there is no model "${model}"`)
        for (const table of tables) joined.goBack(table)
        const last = tables.at(-1)
        isMore = last !== undefined && tables.length === page
        if (!last || !isMore) continue
        const newer = wanted().filter(({ from }) => from > last.committedAt)
        if (newer.length >= limit) joined.leave()
        after = newer.length >= limit ? { ...last, generation: BEFORE_ALL } : last
      }
      joined.end()
      return wanted()
        .toSorted((one, other) => (one.from < other.from ? 1 : one.from > other.from ? -1 : 0))
        .slice(0, limit)
    },
  }
}

const BEFORE_ALL = Generation.parse(0)

type Part = Pick<ServingSpan, 'version' | 'role' | 'share'>

/** What a table says of each version it names. */
function partsOf({ routes, shadows }: Pick<ServingTable, 'routes' | 'shadows'>): Part[] {
  const total = routes.reduce((sum, { weight }) => sum + weight, 0)
  return [
    ...routes.map(({ version, weight }): Part => ({ version, role: 'route', share: total > 0 ? weight / total : 0 })),
    ...shadows.map(({ version, fraction }): Part => ({ version, role: 'shadow', share: fraction })),
  ]
}

const keyOf = ({ version, role, share }: Part) => `${version} ${role} ${share}`

/** Joins adjacent tables of a deployment that say the same of a version. Tables are told as the store gives them. */
function joinSpans() {
  const done: ServingSpan[] = []
  // Of the oldest table told: what began with it, or goes on from before it.
  let open: { readonly place: Place; readonly spans: ReadonlyMap<string, ServingSpan> } | undefined
  const end = () => {
    done.push(...(open?.spans.values() ?? []))
    open = undefined
  }
  return {
    /** Those that are known from beginning to end. */
    known: (): readonly ServingSpan[] => done,
    /** What is open began too long ago to be told. */
    leave: () => void (open = undefined),
    end,
    goBack(table: ServingTable): void {
      const isAdjacent =
        open?.place.deploymentId === table.deploymentId && open.place.generation === table.endedBy?.generation
      if (!isAdjacent) end()
      const spans = new Map<string, ServingSpan>()
      for (const part of partsOf(table)) {
        const { deployment, generation, committedAt, endedBy } = table
        const later = open?.spans.get(keyOf(part))
        const until = later ? later.until : (endedBy?.at ?? null)
        spans.set(keyOf(part), { ...part, deployment, generation, from: committedAt, until })
      }
      for (const [key, span] of open?.spans ?? []) if (!spans.has(key)) done.push(span)
      open = { place: table, spans }
    },
  }
}
