import { FolderUp, Upload } from 'lucide-react'
import { uploads as words } from '../../strings/uploads.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { FileButton } from '../../ui/file-button.tsx'
import { chosenFiles } from './bundle.ts'
import css from './drop-zone.module.css'
import type { BundleFile } from './push.ts'

/** Says that files can be dropped, which page-drop.tsx takes anywhere on the page, with buttons that do the same. */
export function DropZone({
  says,
  command = false,
  onFiles,
}: {
  says: string
  /** Whether the command line is named as the other way. */
  command?: boolean
  onFiles: (files: BundleFile[]) => void
}) {
  return (
    <div role="group" aria-label={says} className={css.zone}>
      <Upload size={16} />
      <span>{says}</span>
      <FileButton size="small" onChosen={(list) => onFiles(chosenFiles(list))}>
        {words.chooseFiles}
      </FileButton>
      <FileButton size="small" folder icon={<FolderUp />} onChosen={(list) => onFiles(chosenFiles(list))}>
        {words.chooseFolder}
      </FileButton>
      {command && (
        <span className={css.command}>
          <code className="wrap">{words.command}</code>
          <CopyButton text={words.command} />
        </span>
      )}
    </div>
  )
}
