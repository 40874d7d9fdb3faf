import { appendFileSync } from 'node:fs'

/** Names a suite that cannot run here, and why: a suite that is left out must never pass for one that has passed.
 *  The test runner collects the lines from the file that STEAD_LEFT_OUT names. */
export function leaveOut(suite: string, reason: string): void {
  const line = `${suite}: ${reason.replaceAll(/\s+/g, ' ').trim()}`
  console.warn(`left out  ${line}`)
  const file = process.env.STEAD_LEFT_OUT
  if (file !== undefined && file !== '') appendFileSync(file, `${line}\n`)
}
