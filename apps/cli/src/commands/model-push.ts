import type { Version } from '@stead/contracts'
import { collectFiles } from '../bundle.ts'
import { defineCommand } from '../command.ts'
import { UsageError } from '../failures.ts'
import { readJsonOrFile } from '../input.ts'
import { signatureLines } from '../signature.ts'
import { size } from '../text.ts'
import { uploadAll } from '../upload.ts'

export const command = defineCommand({
  arguments: ['name', 'path'],
  options: {
    'if-new': { says: 'Name the version that has exactly these files instead of making another.' },
    runtime: {
      takes: 'RUNTIME',
      oneOf: ['onnx', 'javascript', 'python', 'java'],
      says: 'What runs it; found by the files otherwise.',
    },
    signature: { takes: 'FILE|JSON', says: 'What it takes and gives; read from an ONNX file otherwise.' },
    description: { takes: 'TEXT', says: 'What to know about it.' },
    'source-run': { takes: 'RUN', says: 'The run that made it.' },
    dataset: { takes: 'DATASET', says: 'What it was trained on.' },
    commit: { takes: 'COMMIT', says: 'The code that made it.' },
    alias: { takes: 'ALIAS', says: 'Point this alias at the version afterwards.' },
  },
  about: 'PATH is a file or a folder. Of a folder everything is taken but hidden files; symbolic links are refused.',
  examples: [
    'stead model push weather weather.onnx --alias champion',
    'stead model push echo ./echo --runtime javascript --signature echo.json --if-new',
  ],
  async run({ arguments: { name, path }, options }, context) {
    const files = await collectFiles(path)
    const platform = await context.connect()
    const { contracts } = platform
    for (const file of files) refuseBadPath(contracts.BundlePath.safeParse(file.path).error, file.path)
    const signature =
      options.signature === undefined
        ? undefined
        : contracts.DeclaredSignature.safeParse(await readJsonOrFile('signature', options.signature, context))
    if (signature?.success === false) throw badSignature(signature.error)
    // A line that would be refused afterwards must not cost an upload first.
    if (options.alias !== undefined && !contracts.NewAliasName.safeParse(options.alias).success)
      throw new UsageError(`"${options.alias}" is no alias: letters, digits, ".", "_" or "-", and not a version number`)
    const params = { model: name }
    if (!contracts.ModelName.safeParse(name).success) throw new UsageError(`"${name}" is no name of a model`)
    const version = await platform.call(contracts.createVersion, {
      params,
      body: {
        files: await uploadAll(files, platform, context),
        ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
        ...(signature === undefined ? {} : { signature: signature.data }),
        ...(options.description === undefined ? {} : { description: options.description }),
        provenance: provenanceOf(options),
        ifNew: options['if-new'],
      },
    })
    if (options.alias !== undefined) {
      await platform.call(contracts.setAlias, {
        params: { ...params, alias: options.alias },
        body: { version: version.version },
      })
    }
    const aliases = [...new Set([...version.aliases, ...(options.alias === undefined ? [] : [options.alias])])]
    if (context.json) return context.document({ ...version, aliases })
    context.print(...versionLines({ ...version, created: version.created }, aliases))
  },
})

function provenanceOf(options: {
  readonly 'source-run': string | undefined
  readonly dataset: string | undefined
  readonly commit: string | undefined
}) {
  const { 'source-run': sourceRun, dataset, commit } = options
  return {
    ...(sourceRun === undefined ? {} : { sourceRun }),
    ...(dataset === undefined ? {} : { dataset }),
    ...(commit === undefined ? {} : { commit }),
  }
}

function versionLines(version: Version & { created: boolean }, aliases: readonly string[]): string[] {
  const known = aliases.length > 0 ? `  known as ${aliases.join(', ')}` : ''
  return [
    `${version.model} version ${version.version}${version.created ? '' : ' was there already'}`,
    `  ${version.runtime}, ${size(version.size)} in ${version.files.length === 1 ? 'one file' : `${version.files.length} files`}${known && `,${known.trimEnd().slice(1)}`}`,
    ...signatureLines(version.signature),
  ]
}

interface Issues {
  readonly issues: readonly { readonly message: string; readonly path: readonly PropertyKey[] }[]
}

function refuseBadPath(error: Issues | undefined, path: string): void {
  if (error) throw new UsageError(`"${path}" cannot be part of a version: ${error.issues[0]?.message}`)
}

function badSignature({ issues }: Issues): UsageError {
  const where = ['signature', ...(issues[0]?.path ?? [])].map(String).join('.')
  return new UsageError(
    `${where}: ${issues[0]?.message}`,
    'Write it like {"inputs":[{"name":"x","datatype":"FP32","shape":[-1,3]}],"outputs":[…]}',
  )
}
