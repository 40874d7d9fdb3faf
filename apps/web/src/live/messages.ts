import type { Deployment, Event, streamEvents, WatchedFigures } from '@stead/contracts'

/** The endpoint is told by the tabs: the worker would have to load every schema of the contracts to know it. */
export type StreamEndpoint = Pick<typeof streamEvents, 'method' | 'path'>

/** What a tab asks of the worker that holds the browser's one event stream. */
export type FromTab =
  /** Somebody is signed in, or nobody need be. */
  | { readonly kind: 'begin'; readonly stream: StreamEndpoint }
  | { readonly kind: 'watch'; readonly names: readonly string[] }
  /** Tabs say this again and again; one that falls silent is gone. */
  | { readonly kind: 'here' }

export type ToTab =
  | { readonly kind: 'state'; readonly live: boolean; readonly since: number }
  /** The server asks who is there; the stream stands still until a tab begins it again. */
  | { readonly kind: 'signed out' }
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'figures'; readonly figures: WatchedFigures }
  | { readonly kind: 'deployment'; readonly deployment: Deployment }
