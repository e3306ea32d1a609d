// libcurl through dlopen. The function pointers have the types of curl's own prototypes (variadic where those are):
// on arm64 macOS a variadic function called through another type gets its arguments in the wrong place.
#define _GNU_SOURCE
#include "CCurl.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

// One line a function: declared in the table and looked up by the same name.
#define FUNCTIONS(X) \
  X(curl_global_init) X(curl_version) X(curl_version_info) X(curl_free) \
  X(curl_easy_init) X(curl_easy_cleanup) X(curl_easy_reset) X(curl_easy_pause) X(curl_easy_setopt) \
  X(curl_easy_getinfo) X(curl_easy_strerror) X(curl_slist_append) X(curl_slist_free_all) \
  X(curl_multi_init) X(curl_multi_cleanup) X(curl_multi_setopt) X(curl_multi_add_handle) \
  X(curl_multi_remove_handle) X(curl_multi_perform) X(curl_multi_poll) X(curl_multi_wakeup) \
  X(curl_multi_info_read) X(curl_url) X(curl_url_cleanup) X(curl_url_set) X(curl_url_get)

static struct {
#define DECLARE(name) __typeof__(name) *name;
  FUNCTIONS(DECLARE)
#undef DECLARE
} api;

static pthread_once_t open_once = PTHREAD_ONCE_INIT;
static pthread_once_t init_once = PTHREAD_ONCE_INIT;
static atomic_bool is_open;
static char failure[512];
static CURLcode init_result = CURLE_FAILED_INIT;

static void remember_failure(void) {
  const char *text = dlerror();
  if (failure[0] == 0 && text) snprintf(failure, sizeof failure, "%s", text);
}

static void *open_library(void) {
  // The last Debian name is the GnuTLS flavour with the same interface, which comes along with git.
  static const char *const names[] = {
#ifdef __APPLE__
    "libcurl.4.dylib", "/usr/lib/libcurl.4.dylib", "libcurl.dylib",
#else
    "libcurl.so.4", "libcurl.so", "libcurl-gnutls.so.4",
#endif
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    void *library = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
    if (library) return library;
    remember_failure();
  }
  return NULL;
}

static void open_all(void) {
  void *library = open_library();
  if (!library) return;
  failure[0] = 0;
#define LOOK_UP(name) \
  if (!(api.name = (__typeof__(name) *)dlsym(library, #name))) { remember_failure(); return; }
  FUNCTIONS(LOOK_UP)
#undef LOOK_UP
  atomic_store(&is_open, true);
}

static void init_all(void) { init_result = api.curl_global_init(CURL_GLOBAL_DEFAULT); }

bool awl_curl_open(void) {
  pthread_once(&open_once, open_all);
  return atomic_load(&is_open);
}

bool awl_curl_is_open(void) { return atomic_load(&is_open); }

const char *awl_curl_open_failure(void) { return failure; }

CURLcode awl_curl_global_init(void) {
  if (!awl_curl_open()) return CURLE_FAILED_INIT;
  pthread_once(&init_once, init_all);
  return init_result;
}

const char *awl_curl_version(void) { return api.curl_version(); }

static const curl_version_info_data *version_info(void) { return api.curl_version_info(CURLVERSION_NOW); }

unsigned awl_curl_version_number(void) {
  const curl_version_info_data *info = version_info();
  return info ? info->version_num : 0;
}

const char *awl_curl_default_certificate_file(void) {
  const curl_version_info_data *info = version_info();
  return info && info->age >= CURLVERSION_SEVENTH ? info->cainfo : NULL;
}

const char *awl_curl_default_certificate_directory(void) {
  const curl_version_info_data *info = version_info();
  return info && info->age >= CURLVERSION_SEVENTH ? info->capath : NULL;
}

const char *awl_curl_message(CURLcode code) { return api.curl_easy_strerror(code); }

CURL *awl_curl_easy_init(void) { return api.curl_easy_init(); }
void awl_curl_easy_cleanup(CURL *easy) { api.curl_easy_cleanup(easy); }
void awl_curl_easy_reset(CURL *easy) { api.curl_easy_reset(easy); }
CURLcode awl_curl_easy_pause(CURL *easy, int mask) { return api.curl_easy_pause(easy, mask); }

CURLcode awl_curl_set_long(CURL *easy, CURLoption option, long value) {
  return api.curl_easy_setopt(easy, option, value);
}
CURLcode awl_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return api.curl_easy_setopt(easy, option, value);
}
CURLcode awl_curl_set_string(CURL *easy, CURLoption option, const char *value) {
  return api.curl_easy_setopt(easy, option, value);
}
CURLcode awl_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return api.curl_easy_setopt(easy, option, value);
}
CURLcode awl_curl_set_data_callback(CURL *easy, CURLoption option, awl_curl_data_callback callback) {
  return api.curl_easy_setopt(easy, option, callback);
}
CURLcode awl_curl_set_seek_callback(CURL *easy, awl_curl_seek_callback callback) {
  return api.curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, callback);
}

// The text form is the lasting one; libraries before 7.85 know only the bit mask.
CURLcode awl_curl_restrict_to_http(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
  CURLcode result = api.curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  if (result == CURLE_OK) result = api.curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  if (result != CURLE_UNKNOWN_OPTION) return result;
#else
  CURLcode result;
#endif
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  long mask = CURLPROTO_HTTP | CURLPROTO_HTTPS;
  result = api.curl_easy_setopt(easy, CURLOPT_PROTOCOLS, mask);
  if (result == CURLE_OK) result = api.curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS, mask);
#pragma GCC diagnostic pop
  return result;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)context;
  (void)purpose;
#ifdef SOCK_CLOEXEC
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
#else
  int descriptor = socket(address->family, address->socktype, address->protocol);
  if (descriptor >= 0) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return descriptor;
#endif
}

CURLcode awl_curl_close_sockets_on_exec(CURL *easy) {
  return api.curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
}

// The number is fixed (CURLOPT_QUICK_EXIT, 7.87), so a program built with older headers has it with a newer library.
CURLcode awl_curl_leave_resolver_behind(CURL *easy) {
  return api.curl_easy_setopt(easy, (CURLoption)(CURLOPTTYPE_LONG + 322), 1L);
}

CURLcode awl_curl_get_long(CURL *easy, CURLINFO info, long *value) {
  return api.curl_easy_getinfo(easy, info, value);
}
CURLcode awl_curl_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
  return api.curl_easy_getinfo(easy, info, value);
}
CURLcode awl_curl_get_pointer(CURL *easy, CURLINFO info, void **value) {
  return api.curl_easy_getinfo(easy, info, value);
}

struct curl_slist *awl_curl_list_append(struct curl_slist *list, const char *text) {
  return api.curl_slist_append(list, text);
}
void awl_curl_list_free(struct curl_slist *list) { api.curl_slist_free_all(list); }

CURLM *awl_curl_multi_init(void) { return api.curl_multi_init(); }
void awl_curl_multi_cleanup(CURLM *multi) { api.curl_multi_cleanup(multi); }
CURLMcode awl_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return api.curl_multi_setopt(multi, option, value);
}
CURLMcode awl_curl_multi_add(CURLM *multi, CURL *easy) { return api.curl_multi_add_handle(multi, easy); }
CURLMcode awl_curl_multi_remove(CURLM *multi, CURL *easy) { return api.curl_multi_remove_handle(multi, easy); }
CURLMcode awl_curl_multi_perform(CURLM *multi, int *running) { return api.curl_multi_perform(multi, running); }
CURLMcode awl_curl_multi_poll(CURLM *multi, int milliseconds) {
  return api.curl_multi_poll(multi, NULL, 0, milliseconds, NULL);
}
CURLMcode awl_curl_multi_wakeup(CURLM *multi) { return api.curl_multi_wakeup(multi); }

bool awl_curl_multi_next_done(CURLM *multi, CURL **easy, CURLcode *result) {
  int left = 0;
  CURLMsg *message;
  while ((message = api.curl_multi_info_read(multi, &left))) {
    if (message->msg != CURLMSG_DONE) continue;
    *easy = message->easy_handle;
    *result = message->data.result;
    return true;
  }
  return false;
}

CURLU *awl_curl_url_new(void) { return api.curl_url(); }
void awl_curl_url_free(CURLU *url) { api.curl_url_cleanup(url); }
CURLUcode awl_curl_url_set(CURLU *url, CURLUPart part, const char *text, unsigned int flags) {
  return api.curl_url_set(url, part, text, flags);
}
CURLUcode awl_curl_url_get(CURLU *url, CURLUPart part, char **text, unsigned int flags) {
  return api.curl_url_get(url, part, text, flags);
}
void awl_curl_free(void *memory) { api.curl_free(memory); }

void awl_curl_name_thread(const char *name) {
#ifdef __APPLE__
  pthread_setname_np(name);
#else
  pthread_setname_np(pthread_self(), name);
#endif
}
