import { Link } from '@tanstack/react-router'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { frame } from '../strings/frame.ts'
import { say } from '../strings/message.ts'
import { Button, classOf } from '../ui/button.tsx'
import { Panel } from '../ui/panel.tsx'
import { Empty } from '../ui/waiting.tsx'
import { Page } from './page.tsx'

/** For an address that leads nowhere, or to something that is gone. */
export function NotFound({ says = frame.notFoundHere }: { says?: string }) {
  return (
    <Page title={frame.notFound}>
      <Panel>
        <Empty
          title={frame.notFound}
          says={says}
          act={
            <Link to="/" className={classOf('plain')}>
              {frame.toOverview}
            </Link>
          }
        />
      </Panel>
    </Page>
  )
}

/** For a mistake of ours in drawing a page: the frame stays, and so does everything on the server. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const message = error instanceof Error ? error.message : String(error)
  return (
    <Page title={frame.unexpected}>
      <Panel>
        <Empty
          title={frame.unexpected}
          says={say(frame.unexpectedSays, { message })}
          act={<Button onClick={reset}>{frame.readAgain}</Button>}
        />
      </Panel>
    </Page>
  )
}
