import { useQuery } from '@tanstack/react-query'
import { ExternalLink } from 'lucide-react'
import { files as words } from '../../strings/files.ts'
import { say } from '../../strings/message.ts'
import { classOf } from '../../ui/button.tsx'
import { bytes } from '../../ui/numbers.ts'
import { Empty } from '../../ui/waiting.tsx'
import { DownloadLink } from './download-link.tsx'
import { wholeQuery } from './source.ts'
import type { ViewProps } from './source.ts'
import { useBytes } from './use-bytes.ts'
import { Whole } from './whole.tsx'

const LARGEST = 128 << 20

/** A PDF document. Browsers do not start their readers in a frame that may do nothing, so that it opens beside. */
export function PdfView(props: ViewProps) {
  const reading = useQuery(wholeQuery(props, 'pdf', LARGEST, (read) => read))
  return (
    <Whole of={reading} file={props}>
      {(read) => (
        <Empty
          title={words.pdf}
          says={say(words.pdfSays, { size: bytes(read.length) })}
          act={
            <>
              <OpenLink read={read} fallback={props.source.url(props.path)} />
              <DownloadLink {...props} />
            </>
          }
        />
      )}
    </Whole>
  )
}

function OpenLink({ read, fallback }: { read: Uint8Array<ArrayBuffer>; fallback: string }) {
  const link = useBytes<HTMLAnchorElement>(read, 'application/pdf')
  return (
    <a ref={link} href={fallback} className={classOf()} target="_blank" rel="noopener noreferrer">
      <ExternalLink />
      {words.openPdf}
    </a>
  )
}
