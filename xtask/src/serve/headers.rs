//! The headers of every response, which limit what a page can do.

/// What the page may do: load from its own origin, compile wasm, show the user's pictures, and start workers from a
/// blob, which inherit this policy. Text becomes HTML or a script's address only through the page's own policy.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; \
    manifest-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; \
    trusted-types reslens-page; frame-ancestors 'none'";

/// The part of [`POLICY`] about trusted types.
const TRUSTED_TYPES: &str = " require-trusted-types-for 'script'; trusted-types reslens-page;";

/// The devices that the page may use: the camera, and the lock that keeps the screen on.
const PERMISSIONS: &str = "camera=(self), screen-wake-lock=(self), microphone=(), display-capture=(), geolocation=(), \
    payment=(), usb=(), serial=(), hid=(), midi=(), publickey-credentials-get=(), identity-credentials-get=()";

/// Returns all headers. `isolated`: with those for cross-origin isolation; `trusted_types`: scripts are started only
/// from addresses that the page's own policy makes.
pub fn all(isolated: bool, trusted_types: bool) -> Vec<(&'static str, String)> {
    let policy = if trusted_types { POLICY.into() } else { POLICY.replace(TRUSTED_TYPES, "") };
    let mut headers = vec![
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff".into()),
        ("Permissions-Policy", PERMISSIONS.into()),
        ("Referrer-Policy", "no-referrer".into()),
        // In browsers that support it: no connection to any other origin, whatever a page tries.
        ("Connection-Allowlist", "(response-origin)".into()),
        // Browsers check each time whether their copy is current, so a rebuild shows at once.
        ("Cache-Control", "no-cache".into()),
    ];
    if isolated {
        headers.push(("Cross-Origin-Opener-Policy", "same-origin".into()));
        headers.push(("Cross-Origin-Embedder-Policy", "require-corp".into()));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipes_for_other_hosts_have_the_same_headers() {
        let netlify = include_str!("../../../docs/hosting/_headers");
        let nginx = include_str!("../../../docs/hosting/nginx.conf");
        for (name, value) in all(true, true) {
            assert!(netlify.contains(&format!("  {name}: {value}\n")), "{name}");
            let quoted = if value.contains(' ') { format!("\"{value}\"") } else { value };
            assert!(nginx.contains(&format!("add_header {name} {quoted} always;\n")), "{name}");
        }
    }

    #[test]
    fn without_trusted_types_the_rest_of_the_policy_stays() {
        let policy = |trusted_types| all(true, trusted_types).swap_remove(0).1;
        let (whole, rest) = (policy(true), policy(false));
        assert_eq!(whole.replace(TRUSTED_TYPES, ""), rest);
        assert!(whole.len() > rest.len(), "{rest}");
        assert!(rest.ends_with("form-action 'none'; frame-ancestors 'none'"), "{rest}");
    }
}
