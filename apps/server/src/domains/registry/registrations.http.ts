import { listRunVersions, registerVersion, SteadError } from '@stead/contracts'
import type { ProjectName, RunId } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Catalog } from './catalog.ts'
import type { Registrations } from './registrations.ts'

const MOST = 200

export function serveRegistrations(
  mount: Mount,
  registrations: Registrations,
  catalog: Pick<Catalog, 'versions'>,
  hasRun: (project: ProjectName, run: RunId) => Promise<boolean>,
): void {
  mount(listRunVersions, async ({ params }) => {
    const filter = `run_id = '${params.run}'`
    const { items } = await catalog.versions(params.project, {
      filter,
      orderBy: ['creation_timestamp DESC'],
      limit: MOST,
    })
    // Versions outlive a run that was purged.
    if (items.length === 0 && !(await hasRun(params.project, params.run)))
      throw new SteadError('run_not_found', `Run with id=${params.run} not found`)
    return { versions: items.map(({ model, version, source }) => ({ model, version, source })) }
  })
  mount(registerVersion, ({ params, body }, { actor }) =>
    registrations.register(params.project, params.model, { ...body, runLink: '' }, actor),
  )
}
