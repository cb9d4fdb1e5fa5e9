/** What the machine of whoever runs a test has set is not to count. */
export const withoutProxies: NodeJS.ProcessEnv = Object.fromEntries(
  ['grpc_proxy', 'https_proxy', 'http_proxy', 'all_proxy', 'no_proxy', 'no_grpc_proxy']
    .flatMap((name) => [name, name.toUpperCase()])
    .map((name) => [name, undefined]),
);
