import { expect, test } from 'vitest'
import { counted } from '../laws/counts.ts'
import { describeConsole } from './stage.ts'
import { faultsOf, VIEWS } from './views.ts'

/** Every view of the console on the sample project, by its address. */
const SCREENS = [
  '/p/default',
  '/p/default/activity',
  '/p/default/activity?noun=golden',
  '/p/default/deployments',
  '/p/default/deployments?do=create',
  '/p/default/deployments/seattle-forecast',
  '/p/default/deployments/seattle-forecast/generations',
  '/p/default/deployments/seattle-forecast/generations/2?against=1',
  '/p/default/deployments/seattle-forecast/engines',
  '/p/default/deployments/seattle-forecast/checks',
  '/p/default/deployments/seattle-forecast/callers',
  '/p/default/deployments/seattle-forecast/contract',
  '/p/default/deployments/seattle-forecast/settings',
  '/p/default/deployments/seattle-forecast?do=swap',
  '/p/default/deployments/seattle-forecast?do=traffic',
  '/p/default/deployments/arrival-delay?do=rollback',
  '/p/default/deployments/arrival-delay?do=park',
  '/p/default/deployments/arrival-delay?do=delete',
  '/p/default/models',
  '/p/default/models?do=push',
  '/p/default/models?q=nothing-is-called-this',
  '/p/default/models/seattle-weather',
  '/p/default/models/seattle-weather/2',
  '/p/default/models/seattle-weather/2/graph',
  '/p/default/models/seattle-weather/2/files',
  '/p/default/webhooks',
  '/p/default/webhooks?do=create',
  '/p/default/experiments/0/traces',
  '/p/default/experiments/0/evaluation-sets',
  '/platform',
  '/settings',
  '/welcome',
  '/p/default/nowhere',
] as const

describeConsole(
  'every screen',
  (stage) => {
    // Where time is short every screen is seen once, in one view or the other.
    const views = VIEWS.slice(0, counted({ test: 2, conformance: 4 }))
    const every = counted({ test: views.length, conformance: 1 })
    for (const [view, { theme, width }] of views.entries()) {
      test(`is fit for everybody, in sight and without a complaint: ${theme}, ${width} px wide`, async () => {
        const { page, complaints, leave } = await stage().browser.person({ theme, width })
        const paths = SCREENS.filter((_, screen) => screen % every === view % every)
        const faults = await faultsOf({ page, complaints }, stage().at, paths)
        // What a missing thing is asked for is refused, and the browser notes that.
        expect(faults.filter((fault) => !/status of 404/.test(fault))).toEqual([])
        await leave()
      })
    }
  },
  { sample: true },
)
