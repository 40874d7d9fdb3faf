import { Download } from 'lucide-react'
import { files as words } from '../../strings/files.ts'
import { say } from '../../strings/message.ts'
import { classOf } from '../../ui/button.tsx'
import { nameOf } from './source.ts'
import type { FileSource } from './source.ts'

/** Saves the file, whatever it is, under its own name. */
export const DownloadLink = ({ source, path }: { source: FileSource; path: string }) => (
  <a
    className={classOf('plain', 'small')}
    href={source.url(path)}
    download={nameOf(path)}
    aria-label={say(words.downloadFile, { path })}
  >
    <Download />
    {words.download}
  </a>
)
