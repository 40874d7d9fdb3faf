import type { Deployment, Event, streamEvents, WatchedFigures, WatchedRuns } from '@stead/contracts'

/** The endpoint is told by the tabs: the worker would have to load every schema of the contracts to know it. */
export type StreamEndpoint = Pick<typeof streamEvents, 'method' | 'path'>

/** What is told of beside the events: deployments as `project/name`, experiments as `project/number`. */
export interface Wanted {
  readonly deployments: readonly string[]
  readonly experiments: readonly string[]
}

/** What a tab asks of the worker that holds the browser's one event stream. */
export type FromTab =
  /** Somebody is signed in, or nobody need be. */
  | { readonly kind: 'begin'; readonly stream: StreamEndpoint }
  | ({ readonly kind: 'watch' } & Wanted)
  /** Tabs say this again and again; one that falls silent is gone. */
  | { readonly kind: 'here' }

export type ToTab =
  | { readonly kind: 'state'; readonly live: boolean; readonly since: number }
  /** The server asks who is there; the stream stands still until a tab begins it again. */
  | { readonly kind: 'signed out' }
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'figures'; readonly figures: WatchedFigures }
  | { readonly kind: 'deployment'; readonly deployment: Deployment }
  | { readonly kind: 'runs'; readonly runs: WatchedRuns }
