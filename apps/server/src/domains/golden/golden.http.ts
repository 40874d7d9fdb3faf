import { addGolden, listGolden, recordGolden, removeGolden } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Golden } from './golden.ts'

export function serveGolden(mount: Mount, golden: Golden): void {
  mount(listGolden, async ({ params }) => ({ golden: await golden.list(params) }))
  mount(addGolden, ({ params, body }, { actor }) => golden.add(params, body, actor))
  mount(recordGolden, async ({ params, body }) => {
    await golden.record(params, body)
    return { recording: body.count }
  })
  mount(removeGolden, ({ params }, { actor }) => golden.remove(params, params.golden, actor))
}
