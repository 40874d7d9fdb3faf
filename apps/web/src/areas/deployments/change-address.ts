import type { DeploymentName, ProjectName } from '@stead/contracts'
import type { LinkProps } from '@tanstack/react-router'

/** The address of a part of a deployment, or of one of its changes or generations. */
export const deploymentLink = (
  project: ProjectName | string,
  deployment: DeploymentName | string,
  part: `/${string}` | '' = '',
  search?: Record<string, string | undefined>,
): LinkProps =>
  ({
    to: `/p/$project/deployments/$deployment${part}`,
    params: { project, deployment },
    ...(search ? { search } : {}),
    // Parts with numbers or ids in them are addresses of the router that its types cannot know.
  }) as LinkProps
