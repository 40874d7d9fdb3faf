import {
  createJoinToken,
  createToken,
  listJoinTokens,
  listTokens,
  revokeJoinToken,
  revokeToken,
} from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Tokens } from './tokens.ts'

export function serveTokens(mount: Mount, tokens: Tokens): void {
  mount(listTokens, async (_, { principal }) => ({ tokens: await tokens.list(principal) }))
  mount(createToken, ({ body }, { principal }) => tokens.create(body, principal))
  mount(revokeToken, ({ params }, { principal }) => tokens.revoke(params.token, principal))
  mount(listJoinTokens, async () => ({ tokens: await tokens.listJoin() }))
  mount(createJoinToken, ({ body }, { principal }) => tokens.createJoin(body, principal))
  mount(revokeJoinToken, ({ params }) => tokens.revokeJoin(params.token))
}
