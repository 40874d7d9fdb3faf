import { listRunVersions, registerVersion } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Catalog } from './catalog.ts'
import type { Registrations } from './registrations.ts'

const MOST = 200

export function serveRegistrations(
  mount: Mount,
  registrations: Registrations,
  catalog: Pick<Catalog, 'versions'>,
): void {
  mount(listRunVersions, async ({ params }) => {
    const filter = `run_id = '${params.run}'`
    const { items } = await catalog.versions(params.project, {
      filter,
      orderBy: ['creation_timestamp DESC'],
      limit: MOST,
    })
    return { versions: items.map(({ model, version, source }) => ({ model, version, source })) }
  })
  mount(registerVersion, ({ params, body }, { actor }) =>
    registrations.register(params.project, params.model, { ...body, runLink: '' }, actor),
  )
}
