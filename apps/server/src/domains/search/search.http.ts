import { searchProject } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Search } from './search.ts'

export function serveSearch(mount: Mount, search: Search): void {
  mount(searchProject, async ({ params, query }) => ({ hits: await search.find(params.project, query) }))
}
