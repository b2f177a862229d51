// The promise jobs of an interpreter (ECMA-262, 9.5). Included by .cpp files of this folder only:
// it names the JavaScript engine.
#pragma once

#include <jsapi.h>

#include <js/GCVector.h>
#include <js/Promise.h>

namespace causeway::script {

class JobQueue final : public JS::JobQueue {
 public:
  explicit JobQueue(JSContext* context) : jobs_(context) {}

  JSObject* getIncumbentGlobal(JSContext* context) override;
  bool enqueuePromiseJob(JSContext* context, JS::HandleObject promise, JS::HandleObject job,
                         JS::HandleObject allocation_site, JS::HandleObject global) override;
  void runJobs(JSContext* context) override;
  bool empty() const override { return next_ == jobs_.length(); }
  void clear();

 private:
  js::UniquePtr<SavedJobQueue> saveJobQueue(JSContext* context) override;

  JS::PersistentRootedVector<JSObject*> jobs_;
  std::size_t next_ = 0;
};

}  // namespace causeway::script
