/**
 * What a Space sets when `hf_oauth` is in its header: variables at run time, arguments of the
 * build. It does not set PORT.
 */
export const SPACE = {
  SPACE_ID: 'ada/tasks',
  SPACE_HOST: 'ada-tasks.hf.space',
  SPACE_AUTHOR_NAME: 'ada',
  SPACE_REPO_NAME: 'tasks',
  SPACE_CREATOR_USER_ID: '0123456789abcdef01234567',
  CPU_CORES: '2',
  MEMORY: '16Gi',
  OPENID_PROVIDER_URL: 'https://huggingface.co',
  OAUTH_CLIENT_ID: '01234567-89ab-cdef-0123-456789abcdef',
  OAUTH_CLIENT_SECRET: '01234567-89ab-cdef-0123-456789abcdee',
  OAUTH_SCOPES: 'openid profile',
}
