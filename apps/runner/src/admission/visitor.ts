import type { ServedDeployment } from '../routing/served.ts'

/** Whoever calls, once it is clear that they may. */
export type Visitor =
  /** While nobody is asked who they are. */
  | { readonly is: 'anyone' }
  | { readonly is: 'server' }
  /** Reads the figures of operation, and is known to the server as well. */
  | { readonly is: 'monitor'; readonly token: string }
  /** Shows an API token, about which the server decides. */
  | { readonly is: 'account'; readonly token: string }
  | ConsumerVisitor

export interface ConsumerVisitor {
  readonly is: 'consumer'
  readonly key: string
  readonly project: string
  /** Null for all of the project. */
  readonly deployments: ReadonlySet<string> | null
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** Takes one request from what the consumer may ask; throws where there is none left. */
  spend(): void
}

export const ANYONE: Visitor = { is: 'anyone' }

/** To everybody else the deployment is not there. */
export function sees(visitor: Visitor, { project, name }: Pick<ServedDeployment, 'project' | 'name'>): boolean {
  if (visitor.is !== 'consumer') return true
  return visitor.project === project && (visitor.deployments === null || visitor.deployments.has(name))
}
