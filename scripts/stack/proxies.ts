const NAMES = ['http_proxy', 'https_proxy', 'all_proxy', 'grpc_proxy'];

/**
 * Takes the proxies out of the environment of this process, and so of those that it starts. Some
 * clients would ask a proxy for 127.0.0.1 too, and the Firebase CLI heeds no `no_proxy`.
 */
export function bypassProxies(): void {
  for (const name of NAMES) {
    Reflect.deleteProperty(process.env, name);
    Reflect.deleteProperty(process.env, name.toUpperCase());
  }
}
