// libcurl without variadics and without linking to it: the library is opened with dlopen on first use, so that a
// command that needs no network never pays for it. Types and constants come from curl's own header; of its functions
// only these plain ones may be called.
#ifndef AWL_CCURL_H
#define AWL_CCURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef size_t (*awl_curl_data_callback)(char *bytes, size_t size, size_t count, void *context);
typedef int (*awl_curl_seek_callback)(void *context, curl_off_t offset, int origin);

/// Opens the library once; safe from any thread. False when it, or a function of it, is missing.
bool awl_curl_open(void);
/// Whether the library is open already; never opens it.
bool awl_curl_is_open(void);
/// What dlopen or dlsym said of the failure, or an empty string.
const char *awl_curl_open_failure(void);
/// curl_global_init, once for the process.
CURLcode awl_curl_global_init(void);

const char *awl_curl_version(void);
/// 0x074B00 for 7.75.0.
unsigned awl_curl_version_number(void);
/// The certificate bundle and directory that the library was built with; NULL where it names none.
const char *awl_curl_default_certificate_file(void);
const char *awl_curl_default_certificate_directory(void);
const char *awl_curl_message(CURLcode code);

CURL *awl_curl_easy_init(void);
void awl_curl_easy_cleanup(CURL *easy);
void awl_curl_easy_reset(CURL *easy);
CURLcode awl_curl_easy_pause(CURL *easy, int mask);
CURLcode awl_curl_set_long(CURL *easy, CURLoption option, long value);
CURLcode awl_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value);
/// The library copies the string.
CURLcode awl_curl_set_string(CURL *easy, CURLoption option, const char *value);
CURLcode awl_curl_set_pointer(CURL *easy, CURLoption option, void *value);
CURLcode awl_curl_set_data_callback(CURL *easy, CURLoption option, awl_curl_data_callback callback);
CURLcode awl_curl_set_seek_callback(CURL *easy, awl_curl_seek_callback callback);
/// Only http and https, for the first request and for redirects.
CURLcode awl_curl_restrict_to_http(CURL *easy);
/// Sockets are closed in child processes.
CURLcode awl_curl_close_sockets_on_exec(CURL *easy);
/// Removing the transfer does not wait for the thread that resolves its host name.
CURLcode awl_curl_leave_resolver_behind(CURL *easy);

CURLcode awl_curl_get_long(CURL *easy, CURLINFO info, long *value);
CURLcode awl_curl_get_offset(CURL *easy, CURLINFO info, curl_off_t *value);
CURLcode awl_curl_get_pointer(CURL *easy, CURLINFO info, void **value);

struct curl_slist *awl_curl_list_append(struct curl_slist *list, const char *text);
void awl_curl_list_free(struct curl_slist *list);

CURLM *awl_curl_multi_init(void);
void awl_curl_multi_cleanup(CURLM *multi);
CURLMcode awl_curl_multi_set_long(CURLM *multi, CURLMoption option, long value);
CURLMcode awl_curl_multi_add(CURLM *multi, CURL *easy);
CURLMcode awl_curl_multi_remove(CURLM *multi, CURL *easy);
CURLMcode awl_curl_multi_perform(CURLM *multi, int *running);
CURLMcode awl_curl_multi_poll(CURLM *multi, int milliseconds);
CURLMcode awl_curl_multi_wakeup(CURLM *multi);
/// The next transfer that ended; false when there is none.
bool awl_curl_multi_next_done(CURLM *multi, CURL **easy, CURLcode *result);

CURLU *awl_curl_url_new(void);
void awl_curl_url_free(CURLU *url);
CURLUcode awl_curl_url_set(CURLU *url, CURLUPart part, const char *text, unsigned int flags);
/// The text is freed with awl_curl_free.
CURLUcode awl_curl_url_get(CURLU *url, CURLUPart part, char **text, unsigned int flags);
void awl_curl_free(void *memory);

/// Names the calling thread (at most 15 bytes); Swift does not see the GNU declaration.
void awl_curl_name_thread(const char *name);

#ifdef __cplusplus
}
#endif
#endif
