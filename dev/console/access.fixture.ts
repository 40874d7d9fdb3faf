import { createPerson, setMember, AccountName, ProjectName } from '@stead/contracts'
import type { Role } from '@stead/contracts'
import type { Page } from 'playwright-core'
import type { Person } from './browser.ts'
import type { Stage } from './stage.ts'

/** The owner whom a closed platform begins with: see laws/closing.ts. */
export const OWNER = { name: 'ada', password: 'a long and private sentence' }
export const PASSWORD = 'another long sentence'
export const PROJECT = ProjectName.parse('default')

/** Adds a person to the installation, and to the project with these roles. */
export async function addPerson({ platform: { client } }: Stage, name: string, roles: readonly Role[] = []) {
  await client.call(createPerson, { body: { name: AccountName.parse(name), displayName: name, password: PASSWORD } })
  if (roles.length === 0) return
  const params = { project: PROJECT, member: AccountName.parse(name) }
  await client.call(setMember, { params, body: { roles: [...roles] } })
}

/** Fills the form at the door, wherever it stands. */
export async function signIn(page: Page, { name, password }: { name: string; password: string }): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** A browser in which somebody is signed in, at an address. */
export async function enter(
  { browser, at }: Stage,
  path: string,
  who: { name: string; password: string } = OWNER,
  look: Parameters<Stage['browser']['person']>[0] = {},
): Promise<Person> {
  const one = await browser.person(look)
  await one.page.goto(at(path))
  await signIn(one.page, who)
  await one.page.getByRole('navigation', { name: 'Areas', includeHidden: true }).first().waitFor({ state: 'attached' })
  return one
}

/** What the browser itself notes of refused requests is no complaint of the page. */
export const beyondRefusals = (complaints: readonly string[]): string[] =>
  complaints.filter((complaint) => !/status of (401|403|404|409|429)/.test(complaint))
