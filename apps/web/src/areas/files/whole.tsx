import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { isNotFound } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { files as words } from '../../strings/files.ts'
import { say } from '../../strings/message.ts'
import { bytes } from '../../ui/numbers.ts'
import { Banner, Empty } from '../../ui/waiting.tsx'
import { DownloadLink } from './download-link.tsx'
import css from './files.module.css'
import { TooLargeError } from './source.ts'
import type { ViewProps } from './source.ts'
import { TextView } from './text-view.tsx'

/** A file that is shown only as a whole: what is read of it, or why it is not shown. */
export function Whole<T>({
  of,
  file,
  children,
}: {
  of: UseQueryResult<T>
  file: ViewProps
  children: (content: T) => ReactNode
}) {
  if (of.error instanceof TooLargeError) {
    const limit = bytes(of.error.limit)
    return (
      <Empty
        title={words.tooLarge}
        says={
          file.size === null
            ? say(words.tooLargeUnknown, { limit })
            : say(words.tooLargeSays, { size: bytes(file.size), limit })
        }
        act={<DownloadLink {...file} />}
      />
    )
  }
  if (isNotFound(of.error) && !of.isFetching)
    return <Empty title={say(words.gone, { path: file.path })} says={words.goneSays} />
  return (
    <Reading of={of} what={words.whatFile} rows={6}>
      {children}
    </Reading>
  )
}

/** A file that could not be read as what it says it is, as text. */
export const AsText = ({ file, why }: { file: ViewProps; why: string }) => (
  <>
    <div className={css.why}>
      <Banner is="attention">{why}</Banner>
    </div>
    <TextView {...file} />
  </>
)

/** What was made of a file, or why nothing could be. */
export type Made<T> = { readonly is: 'made'; readonly content: T } | { readonly is: 'unfit'; readonly why: string }

/** A document that is not what its name says is no failure of reading it. */
export function tried<T>(make: () => T): Made<T> {
  try {
    return { is: 'made', content: make() }
  } catch (error) {
    return { is: 'unfit', why: error instanceof Error ? error.message : String(error) }
  }
}
