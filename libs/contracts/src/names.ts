import { z } from 'zod'

/** Branded names and numbers: parsed once at the edge, so that one kind can never stand in for another. */

const name = (what: string, pattern: RegExp, rule: string) => z.string().regex(pattern, { error: `${what}: ${rule}` })

export const ProjectName = name(
  'project name',
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  '1 to 63 lower-case letters, digits or hyphens',
).brand<'ProjectName'>()
export type ProjectName = z.infer<typeof ProjectName>

/** MLflow's rule, with control characters and the two path-like names refused as well. */
export const ModelName = z
  .string()
  .min(1)
  .max(256)
  .refine(
    (text) =>
      !/[/:\\\p{Cc}]/u.test(text) && text !== '.' && text !== '..' && text.trim() === text && text.isWellFormed(),
    {
      error: 'model name: 1 to 256 characters without "/", ":", "\\", control characters or outer spaces',
    },
  )
  .brand<'ModelName'>()
export type ModelName = z.infer<typeof ModelName>

/** Unique per installation: it is the model name in the inference protocols. */
export const DeploymentName = name(
  'deployment name',
  /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
  '1 to 63 letters, digits, ".", "_" or "-", beginning and ending with a letter or digit',
).brand<'DeploymentName'>()
export type DeploymentName = z.infer<typeof DeploymentName>

/** As wide as MLflow's, and with dots. A version number is no name to give, but MLflow's clients may have given one. */
export const AliasName = z
  .string()
  .min(1)
  .max(255)
  // No pattern of the description: not everybody who reads that knows classes of letters.
  .refine((text) => /^(?![vV]\d+$)(?!\.+$)[\p{L}\p{N}\p{M}_.-]+$/u.test(text), {
    error: 'alias: 1 to 255 letters, digits, ".", "_" or "-", and not a version number',
  })
  .brand<'AliasName'>()
export type AliasName = z.infer<typeof AliasName>

/** An alias that can be told from a number wherever a version is named. */
export const NewAliasName = AliasName.refine((text) => !/^\d+$/.test(text) && !/^latest$/i.test(text), {
  error: 'alias: 1 to 255 letters, digits, ".", "_" or "-", and neither a version number nor "latest"',
})

/** `sha256:` and 64 lower-case hexadecimal digits. */
export const Digest = name(
  'digest',
  /^sha256:[0-9a-f]{64}$/,
  '"sha256:" and 64 lower-case hexadecimal digits',
).brand<'Digest'>()
export type Digest = z.infer<typeof Digest>

export const VersionNumber = z.coerce.number().int().min(1).max(2_147_483_647).brand<'VersionNumber'>()
export type VersionNumber = z.infer<typeof VersionNumber>

/** Counts the route tables of a deployment from 1. */
export const Generation = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).brand<'Generation'>()
export type Generation = z.infer<typeof Generation>

export const RunnerName = name(
  'runner name',
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$/,
  '1 to 127 letters, digits, ".", "_" or "-"',
).brand<'RunnerName'>()
export type RunnerName = z.infer<typeof RunnerName>

/** A person's or a service account's name; an e-mail address will do. */
export const AccountName = name(
  'name',
  /^[a-z0-9](?:[a-z0-9._@+-]{0,98}[a-z0-9])?$/,
  '1 to 100 lower-case letters, digits, ".", "_", "-", "+" or "@", beginning and ending with a letter or digit',
).brand<'AccountName'>()
export type AccountName = z.infer<typeof AccountName>

/** What people call something: one line, which shows as it is. */
export const Label = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text), {
    error: 'a name of one line, without control characters',
  })

/** A file's place in a bundle: relative, forward slashes, no `.` or `..` segment, no control character. */
export const BundlePath = z
  .string()
  .min(1)
  .max(512)
  .refine(
    (path) =>
      path.isWellFormed() &&
      !/[\\\p{Cc}]/u.test(path) &&
      path
        .split('/')
        .every((part) => part !== '' && part !== '.' && part !== '..' && new TextEncoder().encode(part).length <= 255),
    {
      error:
        'file path: relative, with forward slashes, without empty, "." or ".." segments, segments of at most 255 bytes',
    },
  )
  .brand<'BundlePath'>()
export type BundlePath = z.infer<typeof BundlePath>

/** ISO 8601, UTC. */
export const Instant = z.iso.datetime({ offset: true })
export type Instant = z.infer<typeof Instant>
