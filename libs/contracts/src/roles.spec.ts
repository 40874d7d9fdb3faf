import { ACT_NAMES, ACTS, mayInProject, ROLES, rolesFor } from './index.ts'
import type { Act, ActRule, Role } from './index.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const acts = fc.constantFrom(...ACT_NAMES)
const roles = fc.uniqueArray(fc.constantFrom(...ROLES))
const inProject = (act: Act) => 'roles' in (ACTS[act] as ActRule)

describe('the table of acts', () => {
  test('a denial counts for more than any role', () => {
    fc.assert(
      fc.property(acts, roles, fc.boolean(), (act, held, byNoun) => {
        const denial = byNoun ? `${act.split('.')[0]}.*` : act
        expect(mayInProject(act, { roles: held, denies: [denial] })).toBe(false)
      }),
    )
  })

  test('another role never takes away what one has', () => {
    fc.assert(
      fc.property(acts, roles, fc.constantFrom(...ROLES), (act, held, more) => {
        if (mayInProject(act, { roles: held, denies: [] }))
          expect(mayInProject(act, { roles: [...held, more], denies: [] })).toBe(true)
      }),
    )
  })

  test('without a role nothing is allowed, and acts of the installation are by no role', () => {
    for (const act of ACT_NAMES) {
      expect(mayInProject(act, { roles: [], denies: [] }), act).toBe(false)
      if (!inProject(act)) expect(mayInProject(act, { roles: [...ROLES], denies: [] }), act).toBe(false)
    }
  })

  test('an auditor sees all that there is to see, and changes nothing', () => {
    const sees = /\.(get|list|history|figures|search|usage|export)$/
    for (const act of ACT_NAMES.filter(inProject))
      expect(mayInProject(act, { roles: ['auditor'], denies: [] }), act).toBe(sees.test(act))
  })

  test('an owner may do everything in the project', () => {
    for (const act of ACT_NAMES.filter(inProject)) expect(rolesFor(act), act).toContain('owner' satisfies Role)
  })

  test('what serves is changed by operators and owners alone', () => {
    for (const act of ['create', 'delete', 'swap', 'rollback', 'traffic', 'park', 'wake', 'abort'] as const)
      expect(rolesFor(`deployment.${act}`)).toEqual(['operator', 'owner'])
  })
})
