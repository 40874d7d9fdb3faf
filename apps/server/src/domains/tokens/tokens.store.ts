import type { ApiToken } from '@stead/contracts'

/** Whose token it is; those of runners are the installation's. */
export type TokenOwner =
  | { readonly kind: 'person'; readonly id: string; readonly name: string }
  | { readonly kind: 'account'; readonly id: string; readonly name: string; readonly projectId: string }
  | { readonly kind: 'runner' }

export interface TokenToKeep extends Pick<ApiToken, 'name' | 'hint' | 'projects' | 'acts' | 'expiresAt'> {
  readonly hash: string
}

/** Tokens by owner; a name is used once for each. They end with their owner. Secrets are not kept. A change is recorded
 *  in its transaction. */
export interface TokenStore {
  /** The oldest first. */
  list(owner: TokenOwner): Promise<ApiToken[]>
  create(owner: TokenOwner, token: TokenToKeep): Promise<ApiToken | 'name_taken' | 'owner_gone'>
  /** False where the owner has no such token. */
  revoke(owner: TokenOwner, id: string): Promise<boolean>
}
