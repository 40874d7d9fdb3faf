import {
  changeAccount,
  createAccount,
  createAccountToken,
  deleteAccount,
  listAccounts,
  revokeAccountToken,
} from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { ServiceAccounts } from './service-accounts.ts'

export function serveServiceAccounts(mount: Mount, accounts: ServiceAccounts): void {
  mount(listAccounts, async ({ params }) => ({ accounts: await accounts.list(params.project) }))
  mount(createAccount, ({ params, body }, { principal }) => accounts.create(params.project, body, principal))
  mount(changeAccount, ({ params, body }, { principal }) => accounts.change(params, body, principal))
  mount(deleteAccount, ({ params }, { principal }) => accounts.remove(params, principal))
  mount(createAccountToken, ({ params, body }, { principal }) => accounts.createToken(params, body, principal))
  mount(revokeAccountToken, ({ params }) => accounts.revokeToken(params, params.token))
}
