import type { Event, ProjectName } from '@stead/contracts'

export interface NewEvent {
  readonly projectId: string
  readonly kind: string
  readonly subject: string
  readonly actor: string
  readonly document?: Record<string, unknown>
}

/** Which events of a project are wanted. */
export interface EventFilter {
  /** A thing, and all that belongs to it: a model's name finds `model/8` and `model@alias`, a deployment's its golden
   *  requests. */
  readonly subject?: string | undefined
  /** A kind, or the noun of some: `deployment` finds `deployment.swapped`. */
  readonly kind?: string | undefined
  readonly actor?: string | undefined
}

/** The newest `limit` events before a sequence, or of all. */
export interface EventPage extends EventFilter {
  readonly before?: number | undefined
  readonly limit: number
}

/** An append-only list; sequences grow in the order of commit. An event is written in the transaction of what it tells
 *  of: `appendEvent`. */
export interface EventStore {
  after(sequence: number, limit: number): Promise<Event[]>
  /** Newest first. */
  before(projectId: string, page: EventPage): Promise<Event[]>
  newest(): Promise<number>
}

export interface Events {
  /** Tells followers of an event that was written with the change it records. */
  publish(event: Event): void
  /** All events after `sequence`, then new ones as they come, each once and in order, until the signal aborts.
   *  Resolves once the past is told; `onBroken` hears if reading on fails later. */
  follow(
    after: number | undefined,
    project: ProjectName | undefined,
    onEvent: (event: Event) => void,
    signal: AbortSignal,
    onBroken: (error: unknown) => void,
  ): Promise<void>
  list(projectId: string, page: EventPage): Promise<Event[]>
}

const PAGE = 500

export function createEvents(store: EventStore): Events {
  const followers = new Set<(event: Event) => void>()
  const publish = (event: Event) => {
    for (const follower of followers) follower(event)
  }
  return {
    publish,
    list: (projectId, page) => store.before(projectId, page),
    async follow(after, project, onEvent, signal, onBroken) {
      const newest = await store.newest()
      // A reader may come with the number of an event that a restore has undone.
      let told = Math.min(after ?? newest, newest)
      const tell = (event: Event) => {
        told = event.sequence
        if (!signal.aborted && (project === undefined || event.project === project)) onEvent(event)
      }
      const readOn = async () => {
        for (let full = true; full && !signal.aborted;) {
          const page = await store.after(told, PAGE)
          for (const event of page) tell(event)
          full = page.length === PAGE
        }
      }
      // What is published is told at once only if it is the very next: commits may be heard of out of their order.
      let reading = true
      let behind = true
      const catchUp = async () => {
        reading = true
        while (behind && !signal.aborted) {
          behind = false
          await readOn()
        }
        reading = false
      }
      const follower = (event: Event) => {
        if (event.sequence <= told) return
        if (!reading && event.sequence === told + 1) return tell(event)
        behind = true
        if (!reading) catchUp().catch(onBroken)
      }
      followers.add(follower)
      signal.addEventListener('abort', () => followers.delete(follower), { once: true })
      if (signal.aborted) followers.delete(follower)
      await catchUp()
    },
  }
}
